// Eight idle subscriptions, a goroutine each.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

func main() {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			conn, err := net.Dial("tcp", "127.0.0.1:"+os.Args[1])
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			fmt.Fprintln(conn, "subscribe")
			io.Copy(io.Discard, conn)
		})
	}
	all.Wait()
}
