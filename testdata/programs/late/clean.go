// The same keepalive server with `defer conn.Close()`.
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
	for {
		conn, err := listener.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer conn.Close()
			lines := bufio.NewScanner(conn)
			for lines.Scan() {
				fmt.Fprintf(conn, "ok %s\n", lines.Text())
			}
		}()
	}
}
