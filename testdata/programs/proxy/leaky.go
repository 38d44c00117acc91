// A TCP proxy copies both ways and waits for both to end; the client's EOF is
// not passed on, so the upstream never ends.
//
// Stands for: proxies made of two io.Copy and a WaitGroup: one leg in
// CLOSE_WAIT, the other ESTABLISHED, for ever.
// Fix: CloseWrite() on the other leg when a copy ends.
package main

import (
	"io"
	"net"
	"os"
	"sync"
)

func proxy(client net.Conn) {
	defer client.Close()
	upstream, err := net.Dial("tcp", "127.0.0.1:"+os.Args[2])
	if err != nil {
		return
	}
	defer upstream.Close()
	var both sync.WaitGroup
	both.Go(func() { io.Copy(upstream, client) }) // wrong: no CloseWrite after it
	both.Go(func() { io.Copy(client, upstream) })
	both.Wait()
}

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		if conn, err := listener.Accept(); err == nil {
			go proxy(conn)
		}
	}
}
