// Command leakgo prints the inode of each of its sockets, and which line has
// opened it.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"syscall"
)

func serve(l net.Listener, accepted chan<- net.Conn) {
	for {
		c, _ := l.Accept() // opens serve
		show(c, "serve")
		accepted <- c
	}
}

func dial(addr string) net.Conn {
	c, _ := net.Dial("tcp", addr) // opens dial
	return c
}

// fetch has net/http dial, which does it in a goroutine of its own.
func fetch(client *http.Client, url string) (used net.Conn) {
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { used = i.Conn },
	})
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		panic(err)
	}
	if _, err := client.Do(request); err != nil { // opens fetch
		panic(err)
	}
	return used
}

func answer(accepted <-chan net.Conn) {
	c := <-accepted
	_, _ = c.Read(make([]byte, 4096))
	_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"))
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0") // opens listen
	if err != nil {
		panic(err)
	}
	show(l, "listen")
	accepted := make(chan net.Conn, 9)
	go serve(l, accepted)
	show(dial(l.Addr().String()), "dial")
	<-accepted
	go answer(accepted)
	show(fetch(&http.Client{Transport: &http.Transport{}}, "http://"+l.Addr().String()), "fetch")
	go answer(accepted)
	show(fetch(&http.Client{Transport: &http.Transport{DialContext: dialler}}, "http://"+l.Addr().String()), "dialler")
}

func dialler(ctx context.Context, network, addr string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, addr) // opens dialler
}

func show(c any, name string) {
	raw, _ := c.(syscall.Conn).SyscallConn()
	_ = raw.Control(func(fd uintptr) { print(int(fd), name) })
}

func print(fd int, name string) {
	var st syscall.Stat_t
	_ = syscall.Fstat(fd, &st)
	fmt.Println(st.Ino, name)
}
