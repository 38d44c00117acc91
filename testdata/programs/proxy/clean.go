// A TCP proxy that passes each half-close on: one leg in CLOSE_WAIT, the other
// in FIN_WAIT2, with data still moving.
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
	both.Go(func() { pass(upstream, client) })
	both.Go(func() { pass(client, upstream) })
	both.Wait()
}

func pass(to, from net.Conn) {
	io.Copy(to, from)
	to.(*net.TCPConn).CloseWrite()
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
