//go:build linux

package run

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/ptrace"
	"github.com/sockleak/sockleak/internal/socket"
)

// java is a process that runs a Java virtual machine. A thread that has just
// made a socket is in native code for it, so that it can write the thread's exact
// stack by itself, as for jcmd(1), while the thread stands still.
type java struct {
	refused string // why it is not asked; "" where it may be
	began   time.Time
	spent   time.Duration // for which threads have stood still
}

// How long threads of one process stand still for their stacks: at most firstSpent,
// and a twentieth of the time that passes.
const (
	firstSpent = time.Second
	spentShare = 20
	askAtMost  = time.Second // for one answer
)

// newJava finds out whether a process may be asked: the signal by which one asks
// for the first time ends some, and has others write files.
func newJava(dir string, now time.Time) *java {
	maps, _ := os.ReadFile(dir + "/maps")
	status, _ := os.ReadFile(dir + "/status")
	args, _ := os.ReadFile(dir + "/cmdline")
	env, _ := os.ReadFile(dir + "/environ")
	j := &java{began: now}
	switch {
	case !strings.Contains(string(maps), "/server/libjvm.so") && !strings.Contains(string(maps), "/client/libjvm.so"),
		strings.Contains(string(maps), "libj9"):
		j.refused = "this Java virtual machine is not HotSpot, which alone can be asked for stacks"
	case strings.Contains(string(args)+string(env), "DisableAttachMechanism"):
		j.refused = "the Java virtual machine was started with -XX:+DisableAttachMechanism, so it cannot be asked for stacks"
	case !catches(string(status), unix.SIGQUIT):
		j.refused = "the Java virtual machine was not ready to be asked for stacks (it had just started, or has -Xrs)"
	}
	return j
}

// catches reports whether a process has a handler for the signal (SigCgt of
// proc_pid_status(5)).
func catches(status string, sig unix.Signal) bool {
	_, rest, _ := strings.Cut(status, "\nSigCgt:\t")
	mask, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseUint(mask, 16, 64)
	return err == nil && n&(1<<(sig-1)) != 0
}

// ask has the virtual machine tell where the thread is, while that stands still,
// and notes it for the sockets. It reports false where it does not.
func (t *Tracer) ask(c *ptrace.Call, th *thread, o *socket.Origin, inodes []uint64) bool {
	j := th.java
	internet := c.Number == unix.SYS_ACCEPT || c.Number == unix.SYS_ACCEPT4 || c.Args[0] == unix.AF_INET || c.Args[0] == unix.AF_INET6
	if j == nil || !internet || th.name == "Attach Listener" { // which answers us
		return false
	}
	now := t.Now()
	if strings.Contains(j.refused, "just started") {
		*j = *newJava(t.dir(th.id.PID), j.began)
	}
	switch {
	case j.refused != "":
		o.Doubt = j.refused
		return false
	case j.spent > firstSpent+now.Sub(j.began)/spentShare:
		o.Doubt = "the Java virtual machine opens more sockets than it can be asked about without slowing it down"
		return false
	}
	go func() {
		defer c.Release()
		frames, err := javaFrames(t.Root, th.id.PID, c.TID, now.Add(askAtMost))
		t.mu.Lock()
		defer t.mu.Unlock()
		told := *o
		if told.Frames, told.Doubt = frames, ""; err != nil {
			told.Doubt = fmt.Sprintf("the Java virtual machine was asked for the stack: %v", err)
		}
		for _, inode := range inodes {
			t.births.add(inode, &told)
		}
		j.spent += t.Now().Sub(now)
	}()
	return true
}

// javaFrames asks the process for the stack of one of its threads.
func javaFrames(root string, pid, tid int, until time.Time) ([]socket.Frame, error) {
	dir := root + "/" + strconv.Itoa(pid)
	name, thread := inNamespace(dir), inNamespace(root+"/"+strconv.Itoa(tid))
	temporary := dir + "/root/tmp/"
	conn, err := javaConnect(pid, temporary, name)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(until)
	// Version 1 of the protocol: a command and three arguments (attachListener_linux.cpp).
	if _, err := conn.Write([]byte("1\x00threaddump\x00\x00\x00\x00")); err != nil {
		return nil, err
	}
	const most = 8 << 20
	text, err := io.ReadAll(io.LimitReader(conn, most))
	if err != nil {
		return nil, err
	}
	return parseJava(string(text), thread)
}

// inNamespace is the id of a process or thread in its own pid namespace.
func inNamespace(dir string) int {
	status, _ := os.ReadFile(dir + "/status")
	_, rest, _ := strings.Cut(string(status), "\nNSpid:\t")
	line, _, _ := strings.Cut(rest, "\n")
	ids := strings.Fields(line)
	if len(ids) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(ids[len(ids)-1])
	return n
}

// javaConnect connects to where the process answers such questions. It does so
// since it was first asked, by a file and a signal.
func javaConnect(pid int, temporary string, name int) (net.Conn, error) {
	address := temporary + ".java_pid" + strconv.Itoa(name)
	conn, err := net.Dial("unix", address)
	if err == nil {
		return conn, nil
	}
	ask := temporary + ".attach_pid" + strconv.Itoa(name)
	f, err := os.OpenFile(ask, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if f != nil {
		f.Close()
		defer os.Remove(ask)
	}
	if err := unix.Kill(pid, unix.SIGQUIT); err != nil {
		return nil, err
	}
	const step = 2 * time.Millisecond
	for range askAtMost / 2 / step {
		time.Sleep(step)
		if conn, err = net.Dial("unix", address); err == nil {
			return conn, nil
		}
	}
	return nil, errors.New("it does not answer")
}

// parseJava finds the stack of a thread in a dump of all:
//
//	"main" #1 prio=5 os_prio=0 cpu=60.61ms elapsed=0.21s tid=0x00007f5c nid=0x1234 runnable
//	   java.lang.Thread.State: RUNNABLE
//		at sun.nio.ch.Net.accept(java.base@17.0.9/Native Method)
//		at Gateway.loop(Gateway.java:21)
func parseJava(dump string, thread int) (frames []socket.Frame, err error) {
	found := false
	for line := range strings.Lines(dump) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, `"`):
			if found {
				return frames, nil
			}
			found = strings.Contains(line, fmt.Sprintf(" nid=0x%x ", thread)) || strings.Contains(line, fmt.Sprintf(" nid=%d ", thread))
		case found && len(frames) < 128:
			if f, ok := javaFrame(line); ok {
				frames = append(frames, f)
			}
		}
	}
	if len(frames) == 0 {
		err = errors.New("the thread is not among those that it named")
	}
	return frames, err
}

// javaFrame reads "at CLASS.METHOD(MODULE/FILE:LINE)".
func javaFrame(line string) (f socket.Frame, ok bool) {
	call, ok := strings.CutPrefix(strings.TrimSpace(line), "at ")
	if !ok {
		return f, false
	}
	f.Function, call, _ = strings.Cut(call, "(")
	place := strings.TrimSuffix(call, ")")
	if i := strings.LastIndexByte(place, '/'); i >= 0 {
		f.Module, place = place[:i], place[i+1:]
	}
	file, row, _ := strings.Cut(place, ":")
	f.Line, _ = strconv.Atoi(row)
	class := f.Function[:max(strings.LastIndexByte(f.Function, '.'), 0)]
	if f.Line > 0 {
		f.File = path.Join(strings.ReplaceAll(class[:max(strings.LastIndexByte(class, '.'), 0)], ".", "/"), file)
	}
	f.Own = f.Line > 0 && f.Module == "" && !javaLibrary(class)
	return f, true
}

// javaLibrary knows libraries by their packages: a dump does not say where a
// class comes from.
func javaLibrary(class string) bool {
	for _, prefix := range []string{
		"java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "org.apache.", "org.eclipse.", "org.springframework.", "org.junit.", "junit.",
		"org.testng.", "org.gradle.", "worker.org.gradle.", "org.hibernate.", "org.postgresql.", "org.mariadb.", "com.mysql.", "com.microsoft.sqlserver.",
		"com.mongodb.", "redis.clients.", "io.lettuce.", "io.netty.", "io.grpc.", "io.vertx.", "io.undertow.", "io.micronaut.", "io.quarkus.", "reactor.",
		"okhttp3.", "okio.", "retrofit2.", "com.zaxxer.", "com.google.", "com.fasterxml.", "com.rabbitmq.", "kotlin.", "kotlinx.", "scala.", "akka.",
		"groovy.", "org.codehaus.", "clojure.", "ch.qos.", "org.slf4j.", "org.mockito.", "com.amazonaws.", "software.amazon.",
	} {
		if strings.HasPrefix(class, prefix) {
			return true
		}
	}
	return false
}
