// Handlers wait for a worker that is gone, with no deadline; their clients
// have long given up.
//
// Stands for: goroutines stuck on a channel: the connection they hold stays in
// CLOSE_WAIT, its EOF unread.
// Fix: select on a context or a timer as well, and defer conn.Close().
package main

import (
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	jobs := make(chan string)
	for {
		conn, err := listener.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer conn.Close()
			line := make([]byte, 100)
			n, _ := conn.Read(line)
			jobs <- string(line[:n]) // wrong: nobody receives
		}()
	}
}
