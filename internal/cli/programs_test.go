package cli_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// shop [-leak] [-quiet] FILE is a server: it writes its port into FILE, answers each
// line of a connection, and at the end of a connection closes it, or forgets
// to. SIGTERM and SIGINT end it with code 0.
func shop(args []string) int {
	flags := flag.NewFlagSet("shop", flag.ExitOnError)
	leak := flags.Bool("leak", false, "forget to close connections")
	// An answered probe makes a socket look younger to a single look, and a
	// script on a loaded machine takes long enough for one.
	quiet := flags.Bool("quiet", false, "do without keepalive probes")
	flags.Parse(args)
	var kept keeper
	var config net.ListenConfig
	if *quiet {
		config.KeepAlive = -1
	}
	l, err := kept.listen(*leak, config)
	if err != nil {
		return fail(err)
	}
	// The port appears at once or not at all.
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if err := os.WriteFile(flags.Arg(0)+".new", []byte(port), 0o644); err != nil {
		return fail(err)
	}
	if err := os.Rename(flags.Arg(0)+".new", flags.Arg(0)); err != nil {
		return fail(err)
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	<-end
	return 0
}

// visit FILE N visits the shop N times.
func visit(args []string) int {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return fail(err)
	}
	var port []byte
	for range 500 {
		if port, err = os.ReadFile(args[0]); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return fail(err)
	}
	for range n {
		if err := once("127.0.0.1:" + string(port)); err != nil {
			return fail(err)
		}
	}
	return 0
}

// selftest [-leak N] [-serve] DURATION is a test run: it serves itself N
// visits, and ends after the time. With -serve it does not stop its server,
// with -drip it goes on opening connections, with -bodies it forgets to close
// those of responses, and with -pool it keeps idle connections whose server has ended.
func selftest(args []string) int {
	flags := flag.NewFlagSet("selftest", flag.ExitOnError)
	leak := flags.Int("leak", 0, "connections that are never closed")
	serve := flags.Bool("serve", false, "leave the listener open at the end")
	drip := flags.Int("drip", 0, "connections that are opened, one after another, used once and kept")
	bodies := flags.Int("bodies", 0, "responses of net/http whose bodies are never closed")
	pool := flags.Int("pool", 0, "connections that were used twice and are kept when their server has closed them")
	flags.Parse(args)
	life, err := time.ParseDuration(flags.Arg(0))
	if err != nil {
		return fail(err)
	}
	var kept keeper
	// As in shop -quiet: an answered keepalive probe makes a socket look younger.
	l, err := kept.listen(*leak > 0, net.ListenConfig{KeepAlive: -1})
	if err != nil {
		return fail(err)
	}
	for range max(*leak, 3) {
		if err := once(l.Addr().String()); err != nil {
			return fail(err)
		}
	}
	if !*serve && *leak+*drip == 0 {
		l.Close()
	}
	for range *drip {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return fail(err)
		}
		fmt.Fprintln(c, "hello")
		bufio.NewReader(c).ReadString('\n')
		kept.conns = append(kept.conns, c)
		time.Sleep(life / time.Duration(*drip))
	}
	if err := kept.requests(*bodies); err != nil {
		return fail(err)
	}
	if err := kept.idle(*pool); err != nil {
		return fail(err)
	}
	if *drip == 0 {
		time.Sleep(life)
	}
	return 0
}

// keeper keeps what is leaked: a garbage collector would close it.
type keeper struct {
	mu       sync.Mutex
	accepted []net.Conn
	conns    []net.Conn
	bodies   []io.ReadCloser
}

func (k *keeper) listen(leak bool, config net.ListenConfig) (net.Listener, error) {
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			k.mu.Lock()
			k.accepted = append(k.accepted, c)
			k.mu.Unlock()
			go func() {
				// Without these wrappers Go splices, and keeps pipes for it.
				io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c})
				if !leak {
					c.Close()
					return
				}
				k.mu.Lock()
				defer k.mu.Unlock()
				k.conns = append(k.conns, c)
			}()
		}
	}()
	return l, nil
}

// requests makes n requests of a server that ends, and forgets the bodies.
func (k *keeper) requests(n int) error {
	if n == 0 {
		return nil
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }))
	for range n {
		resp, err := http.Get(server.URL)
		if err != nil {
			return err
		}
		k.bodies = append(k.bodies, resp.Body)
	}
	server.CloseClientConnections()
	server.Close()
	return nil
}

// idle keeps n connections as a pool does that has not been used since its
// server ended.
func (k *keeper) idle(n int) error {
	if n == 0 {
		return nil
	}
	var server keeper
	l, err := server.listen(true, net.ListenConfig{})
	if err != nil {
		return err
	}
	for range n {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		for range 2 {
			fmt.Fprintln(c, "hello")
			if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
				return err
			}
		}
		k.conns = append(k.conns, c)
	}
	l.Close()
	server.mu.Lock() // all have been answered, so all were accepted
	defer server.mu.Unlock()
	for _, c := range server.accepted {
		c.Close()
	}
	return nil
}

func once(addr string) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Fprintln(c, "hello")
	_, err = bufio.NewReader(c).ReadString('\n')
	return err
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
