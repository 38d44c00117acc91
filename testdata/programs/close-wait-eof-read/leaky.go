// A goroutine returns at EOF and leaves its connection in a map.
//
// Stands for: Go servers without `defer conn.Close()`; net.Conn has a
// finalizer, but a registry keeps it reachable.
// Fix: defer conn.Close() first thing in the handler.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"sync"
)

var (
	mu      sync.Mutex
	clients = map[string]net.Conn{}
)

func serve(conn net.Conn) {
	mu.Lock()
	clients[conn.RemoteAddr().String()] = conn
	mu.Unlock()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		fmt.Fprintf(conn, "ok %s\n", lines.Text())
	}
	// wrong: no conn.Close()
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		conn, err := listener.Accept()
		if err == nil {
			go serve(conn)
		}
	}
}
