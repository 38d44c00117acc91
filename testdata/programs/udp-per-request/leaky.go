// net.Dial("udp") per metric; the connections are remembered, never closed.
//
// Stands for: statsd clients created per request.
// Fix: one client for the process, or defer conn.Close().
package main

import (
	"net"
	"os"
	"time"
)

func main() {
	var clients []net.Conn
	for {
		conn, err := net.Dial("udp", "127.0.0.1:"+os.Args[1])
		if err != nil {
			panic(err)
		}
		conn.Write([]byte("hits:1|c"))
		clients = append(clients, conn)
		if len(clients) < 18 {
			time.Sleep(50 * time.Millisecond)
		} else {
			time.Sleep(1500 * time.Millisecond)
		}
	}
}
