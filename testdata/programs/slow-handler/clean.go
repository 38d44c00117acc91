// Jobs of 6 s whose clients have given up: each connection is in CLOSE_WAIT
// for as long as the job lasts, then closed.
package main

import (
	"net"
	"os"
	"time"
)

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
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
			line := make([]byte, 100)
			n, _ := conn.Read(line)
			time.Sleep(6 * time.Second)
			conn.Write(line[:n])
		}()
	}
}
