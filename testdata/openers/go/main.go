// A program that opens sockets, each at a line of its own, once a line comes on
// stdin. It prints their inodes by how they were opened.
package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

func print(role string, conn any) {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		panic(err)
	}
	raw.Control(func(fd uintptr) { printFD(role, int(fd)) })
}

func printFD(role string, fd int) {
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		panic(err)
	}
	fmt.Println(role, st.Ino)
}

// open is small enough to be inlined.
func open(addr string) (net.Conn, error) { return net.Dial("tcp", addr) } // opens: dial

func borrow[T any](get func() (T, error)) T {
	t, err := get()
	if err != nil {
		panic(err)
	}
	return t
}

// serve accepts on a goroutine of its own.
func serve(l net.Listener, accepted chan<- net.Conn) {
	for {
		conn, err := l.Accept() // opens: accept
		if err != nil {
			return
		}
		accepted <- conn
	}
}

// fetch dials on a goroutine of net/http.
func fetch(client *http.Client, url string) *http.Response {
	res, err := client.Get(url) // opens: http
	if err != nil {
		panic(err)
	}
	return res
}

func pair() [2]int {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0) // opens: pair
	if err != nil {
		panic(err)
	}
	return fds
}

func main() {
	bufio.NewReader(os.Stdin).ReadString('\n')
	l, err := net.Listen("tcp", "127.0.0.1:0") // opens: listen
	if err != nil {
		panic(err)
	}
	print("listen", l)
	accepted := make(chan net.Conn)
	go serve(l, accepted) // starts: accept
	conn := borrow(func() (net.Conn, error) {
		return open(l.Addr().String()) // calls: dial
	})
	print("dial", conn)
	server := <-accepted
	print("accept", server)

	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(web, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	client := &http.Client{Transport: &http.Transport{DialContext: remember(&net.Dialer{})}}
	res := fetch(client, "http://"+web.Addr().String()) // calls: http
	print("http", dialled)

	for _, fd := range pair() {
		printFD("pair", fd)
	}
	answer := make([]byte, 1)
	for range 3 {
		conn.Write([]byte("?"))
		server.Read(answer)
		server.Write([]byte("!"))
		conn.Read(answer)
	}
	fmt.Println("ready")
	time.Sleep(time.Hour)
	res.Body.Close()
}
