package scan

import (
	"context"
	"net"
	"os"
	"testing"
	"time"
)

// BenchmarkLook is one more look of a poll at this process with 50 connections:
// what a look costs while the processor's caches are warm.
func BenchmarkLook(b *testing.B) {
	var held []net.Conn
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for range 25 {
		client, err := net.Dial("tcp4", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		held = append(held, client, server)
	}
	defer func() {
		for _, c := range held {
			_ = c.Close()
		}
	}()
	for _, source := range SourceNames() {
		b.Run(source.Name, func(b *testing.B) {
			s, err := New(Options{Source: source.Name, Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Look(context.Background(), Target{PIDs: []int{os.Getpid()}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
