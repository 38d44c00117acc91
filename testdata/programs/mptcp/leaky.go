// The Go server without Close(), and clients that speak MPTCP, as Go's
// listeners do by themselves since Go 1.24.
//
// Stands for: a leak that hides behind MPTCP: the tables show the subflow.
// Fix: defer conn.Close() first thing in the handler.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	var clients []net.Conn
	for {
		conn, err := listener.Accept()
		if err != nil {
			continue
		}
		clients = append(clients, conn)
		go func() {
			lines := bufio.NewScanner(conn)
			for lines.Scan() {
				fmt.Fprintf(conn, "ok %s\n", lines.Text())
			}
		}()
	}
}
