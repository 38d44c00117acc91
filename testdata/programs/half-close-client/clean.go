// Shuts its side after the query and reads until the answer has come, as
// net.TCPConn.CloseWrite is meant for: the runtime's poller, edge-triggered,
// has every socket, and only the goroutines tell that somebody waits.
package main

import (
	"io"
	"net"
	"os"
	"sync"
)

func query() {
	for {
		conn, err := net.Dial("tcp", "127.0.0.1:"+os.Args[1])
		if err != nil {
			return
		}
		conn.Write([]byte("query\n"))
		conn.(*net.TCPConn).CloseWrite()
		io.ReadAll(conn)
		conn.Close()
	}
}

func main() {
	var all sync.WaitGroup
	for range 4 {
		all.Go(query)
	}
	all.Wait()
}
