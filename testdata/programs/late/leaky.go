// CLOSE_WAIT for ever, with keepalive on: once the peer has forgotten the
// connection, its RST takes the socket out of every table. The descriptor
// stays.
//
// Stands for: what a Go server's leaked connections look like two minutes on.
// Fix: defer conn.Close() first thing in the handler.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	probe := net.KeepAliveConfig{Enable: true, Idle: 4 * time.Second, Interval: time.Second, Count: 3}
	config := net.ListenConfig{KeepAliveConfig: probe}
	listener, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:"+os.Args[1])
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
