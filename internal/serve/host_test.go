package serve

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestHosts asks a real server by many names over a real connection.
func TestHosts(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	h := Handler(func(_ context.Context, w io.Writer, _ bool) error { _, err := fmt.Fprintln(w, "secret 1"); return err }, "test")
	go func() { done <- Run(ctx, ln, OnlyHosts(h, "metrics.example", "10.0.0.7")) }()
	defer func() { stop(); <-done }()
	port := ln.Addr().(*net.TCPAddr).Port
	for _, c := range []struct {
		host string
		want int
	}{
		{"127.0.0.1", 200}, {"localhost", 200}, {"LocalHost:1", 200}, {fmt.Sprintf("127.0.0.1:%d", port), 200},
		{"[::ffff:127.0.0.1]:80", 200}, {"metrics.example", 200}, {"Metrics.Example:9914", 200}, {"10.0.0.7:9914", 200},
		{"rebound.example", 421}, {fmt.Sprintf("rebound.example:%d", port), 421}, {"127.0.0.1.rebound.example", 421},
		{"localhost.rebound.example", 421}, {"0.0.0.0", 421}, {"127.0.0.2", 421}, {"[::1]", 421}, {"10.0.0.8", 421},
	} {
		for _, path := range []string{"/metrics", "/", "/healthz"} {
			code, body := ask11(t, ln.Addr().String(), path, c.host)
			if code != c.want || c.want != 200 && (strings.Contains(body, "secret") || !strings.Contains(body, "--allow-host")) {
				t.Errorf("Host %s, %s: %d %q, want %d", c.host, path, code, body, c.want)
			}
		}
	}
}

// ask11 sends one request with exactly this Host header.
func ask11(t *testing.T, addr, path, host string) (int, string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("Host %s: %v", host, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
