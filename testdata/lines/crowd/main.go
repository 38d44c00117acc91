// A server with very many goroutines: crowd SOCKETS GOROUTINES. A goroutine
// reads from each of its sockets but the last, and the others wait for nothing.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

func read(conn net.Conn) {
	var buf [64]byte
	conn.Read(buf[:]) // waits: read
	fmt.Println("it was answered")
}

func inode(c syscall.Conn) uint64 {
	raw, err := c.SyscallConn()
	if err != nil {
		panic(err)
	}
	var st syscall.Stat_t
	raw.Control(func(fd uintptr) { err = syscall.Fstat(int(fd), &st) })
	if err != nil {
		panic(err)
	}
	return st.Ino
}

func main() {
	sockets, _ := strconv.Atoi(os.Args[1])
	goroutines, _ := strconv.Atoi(os.Args[2])
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	never := make(chan int)
	for i := 0; i < goroutines; i++ {
		go func() { <-never }()
	}
	var kept []net.Conn
	for i := 0; i < sockets; i++ {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			panic(err)
		}
		server, err := l.Accept()
		if err != nil {
			panic(err)
		}
		kept = append(kept, client, server)
		role := "nobody"
		if i < sockets-1 {
			role = "read"
			go read(server)
		}
		fmt.Println(role, inode(server.(*net.TCPConn)))
	}
	fmt.Println("ready")
	time.Sleep(time.Hour)
	fmt.Println(len(kept))
}
