// A pool that grows to 30 connections within 12 s; then only its first five
// are used, and the others idle.
package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	var pool []net.Conn
	answer := make([]byte, 100)
	for n := 0; ; n++ {
		if len(pool) < 30 {
			conn, err := net.Dial("tcp", "127.0.0.1:"+os.Args[1])
			if err != nil {
				panic(err)
			}
			pool = append(pool, conn)
		}
		conn := pool[len(pool)-1]
		if len(pool) == 30 {
			conn = pool[n%5]
		}
		fmt.Fprintln(conn, "question")
		conn.Read(answer)
		time.Sleep(400 * time.Millisecond)
	}
}
