//go:build amd64

package attach

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// TestMain is also a program that opens sockets: where there is no compiler, as
// on the other kernels of .ci/kernels, there is this one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "opens" {
		opens()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "churns" {
		churns()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "traces" {
		traces()
		return
	}
	os.Exit(m.Run())
}

// opens opens sockets once a line comes, and prints their inodes by how, each
// with its line.
func opens() {
	bufio.NewReader(os.Stdin).ReadString('\n')
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	tell("socket", fdOf(l), here()-1)
	go http.Serve(l, http.NotFoundHandler())
	var dialled net.Conn
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (conn net.Conn, err error) {
		time.Sleep(time.Second) // until the caller waits: one that still runs is not found
		dialled, err = (&net.Dialer{}).DialContext(ctx, network, addr)
		return dialled, err
	}}}
	get(&client, "http://"+l.Addr().String(), func() int { return fdOf(dialled) })
	pair, _ := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	tell("socketpair", pair[0], here()-1)
	fmt.Println("ready")
	select {}
}

func get(client *http.Client, url string, fd func() int) {
	_, err := client.Get(url)
	tell("socket", fd(), here()-1)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

func tell(call string, fd, line int) {
	var st syscall.Stat_t
	_ = syscall.Fstat(fd, &st)
	fmt.Printf("%s:%d %d\n", call, line, st.Ino)
}

func fdOf(conn any) (number int) {
	raw, _ := conn.(syscall.Conn).SyscallConn()
	_ = raw.Control(func(fd uintptr) { number = int(fd) })
	return number
}

func here() int {
	_, _, line, _ := runtime.Caller(1)
	return line
}

// TestThisKernel traces on whatever kernel this is.
func TestThisKernel(t *testing.T) {
	p := start(t, "", exec.Command(os.Args[0], "opens"))
	tracer := open(t)
	t.Logf("trampolines: %v", tracer.(*Tracer).kernel.trampolines)
	tracer.Annotate(p.snapshot())
	p.open()
	snap := p.snapshot()
	tracer.Annotate(snap)
	for _, s := range snap.Sockets {
		role := p.roleOf(s.Inode)
		if s.Origin == nil {
			t.Errorf("%s: not traced; %+v", role, snap.Gaps)
			continue
		}
		named := false
		for _, f := range s.Origin.Frames {
			named = named || fmt.Sprintf("%s:%d", s.Origin.Call, f.Line) == role
		}
		if !named {
			t.Errorf("%s: %+v", role, s.Origin)
		}
	}
	if len(snap.Sockets) != 3 {
		t.Errorf("%d sockets", len(snap.Sockets))
	}
}

const churned = 20_000

// churns opens and closes as fast as it can, and keeps every hundredth.
func churns() {
	bufio.NewReader(os.Stdin).ReadString('\n')
	for i := range churned {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			panic(err)
		}
		if i%100 == 0 {
			tell("kept", fd, i)
			continue
		}
		syscall.Close(fd)
	}
	fmt.Println("ready")
	time.Sleep(time.Hour) // select would be a deadlock, and end it
}

// Nothing is lost, however fast they come; the map has what is open; equal
// stacks are sent once, or a few times where several processors were at it.
func TestNothingIsLost(t *testing.T) {
	p := start(t, "", exec.Command(os.Args[0], "churns"))
	tracer := open(t).(*Tracer)
	tracer.Annotate(p.snapshot())
	p.open()
	snap := p.snapshot()
	tracer.Annotate(snap)
	kept := 0
	for _, s := range snap.Sockets {
		if s.Origin == nil || len(s.Origin.Frames) == 0 {
			t.Fatalf("%s: not traced; %+v; %d births, %d deaths, %d skipped", p.roleOf(s.Inode), snap.Gaps,
				tracer.count(birthsCountBIRTHS), tracer.count(birthsCountDEATHS), tracer.skipped())
		}
		kept++
	}
	births, deaths, copies := tracer.count(birthsCountBIRTHS), tracer.count(birthsCountDEATHS), tracer.count(birthsCountCOPIES)
	if kept != churned/100 || births < churned || deaths < churned-churned/100 || copies > 8 {
		t.Errorf("%d kept, %d births, %d deaths, %d stacks sent", kept, births, deaths, copies)
	}
	for _, what := range []birthsCount{birthsCountMAP_FULL, birthsCountRING_FULL} {
		if n := tracer.count(what); n != 0 {
			t.Errorf("count %d: %d", what, n)
		}
	}
}
