// CloseWrite() in place of Close(): no goroutine reads what the peer may still
// say, and the connections stay in a list.
//
// Fix: conn.Close() after CloseWrite(), and a read deadline before the last read.
package main

import (
	"net"
	"os"
	"time"
)

func main() {
	var done []net.Conn
	for {
		conn, err := net.Dial("tcp", "127.0.0.1:"+os.Args[1])
		if err != nil {
			return
		}
		conn.Write([]byte("question\n"))
		conn.(*net.TCPConn).CloseWrite()
		done = append(done, conn)
		pause := 1500 * time.Millisecond
		if len(done) < 14 {
			pause = 50 * time.Millisecond
		}
		time.Sleep(pause)
	}
}
