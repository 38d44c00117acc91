// Reads the query up to EOF, then streams rows for minutes: CLOSE_WAIT with
// data still moving.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

func serve(conn net.Conn) {
	defer conn.Close()
	io.Copy(io.Discard, conn)
	for i := range 500 {
		if _, err := fmt.Fprintf(conn, "row %d\n", i); err != nil {
			return
		}
		time.Sleep(300 * time.Millisecond)
	}
}

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
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
