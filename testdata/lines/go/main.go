// A server whose goroutines wait, each at a line of its own. It prints the
// descriptors' inodes by what waits for them.
package main

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"syscall"
	"time"
)

type server struct{ listener net.Listener }

func (s *server) serve(handle func(net.Conn)) {
	for {
		conn, err := s.listener.Accept() // waits: accept
		if err != nil {
			return
		}
		go handle(conn) // starts: read
	}
}

// echo waits without a deadline, through a call that is inlined.
func echo(conn net.Conn) {
	var buf [64]byte
	for next(conn, buf[:]) { // waits: read
	}
}

func next(conn net.Conn, buf []byte) bool {
	n, err := conn.Read(buf) // inlined: read
	conn.Write(buf[:n])
	return err == nil
}

type pool[T io.Reader] struct{ list []T }

func (p *pool[T]) drain() {
	for _, r := range p.list {
		io.Copy(io.Discard, r) // waits: generic
	}
}

func dial(addr string) *net.TCPConn {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		panic(err)
	}
	return conn.(*net.TCPConn)
}

// flood fills the connection to a peer that does not read.
func flood(conn net.Conn) {
	for {
		conn.Write(make([]byte, 1<<16)) // waits: write
	}
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	addr := l.Addr().String()
	accepted := make(chan net.Conn, 8)
	s := &server{l}
	go s.serve(func(c net.Conn) { accepted <- c; echo(c) }) // hands over
	idle, reader, deadline := dial(addr), dial(addr), dial(addr)
	for i := 0; i < 3; i++ {
		fmt.Println("read", inode((<-accepted).(*net.TCPConn)))
	}
	go (&pool[net.Conn]{[]net.Conn{reader}}).drain()
	deadline.SetReadDeadline(time.Now().Add(time.Hour))
	go echo(deadline)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	full := dial(silent.Addr().String())
	go flood(full)
	fmt.Println("idle", inode(idle))
	fmt.Println("generic", inode(reader))
	fmt.Println("deadline", inode(deadline))
	fmt.Println("accept", inode(l.(*net.TCPListener)))
	fmt.Println("nobody", inode(silent.(*net.TCPListener)))
	fmt.Println("write", inode(full))
	fmt.Println("ready")
	time.Sleep(time.Hour)
	runtime.KeepAlive([]any{idle, reader, deadline, silent, full})
}
