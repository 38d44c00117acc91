//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// nobody is the user whose processes are looked at, so that the same load
// serves for root and for the user itself.
const nobody = 65534

// host is a machine to look at: a network namespace with its load.
type host struct {
	name      string
	run       func(*bench) error
	workloads []string
}

var hosts = [...]host{
	{"quiet", quietHost, []string{"W1"}},
	{"many processes", manyHost, []string{"W5"}},
	{"crowded", crowdedHost, []string{"W2", "W3", "W4"}},
}

// bench is what runs inside the namespace of one host.
type bench struct {
	dir  string // of the programs
	size size
	out  results
	load []*exec.Cmd
}

func runHost(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("host: want NAME DIRECTORY SIZE, have %q", args)
	}
	runtime.LockOSThread() // all children are started here, and die with this thread
	b := &bench{dir: args[1]}
	if err := json.Unmarshal([]byte(args[2]), &b.size); err != nil {
		return err
	}
	if err := setUp(); err != nil {
		return fmt.Errorf("set up the host: %w", err)
	}
	defer b.endLoad()
	for _, h := range hosts {
		if h.name == args[0] {
			if err := h.run(b); err != nil {
				return err
			}
		}
	}
	return json.NewEncoder(os.Stdout).Encode(&b.out)
}

// setUp brings the loopback interface up. The settings under net belong to
// the namespace and vanish with it.
func setUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return err
	}
	// What the peer closed must be gone soon, or the first rounds would see
	// another host than the last.
	return os.WriteFile("/proc/sys/net/ipv4/tcp_fin_timeout", []byte("1"), 0)
}

// checkLimit makes sure that the leaking process may open all its sockets.
// The Go runtime of each process raises the soft limit to the hard one.
func checkLimit(s size) error {
	need := uint64(s.CloseWait + 64)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Max >= need {
		return err
	}
	return fmt.Errorf("the hard limit of open files is %d: set ulimit -Hn %d", limit.Max, need)
}

// start starts one process of the load and returns without waiting for it.
func (b *bench) start(args ...string) (*bufio.Reader, int, error) {
	cmd := exec.Command(filepath.Join(b.dir, "bench"), args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	b.load = append(b.load, cmd)
	return bufio.NewReader(out), cmd.Process.Pid, nil
}

// startPeer starts the process at the other end.
func (b *bench) startPeer() error {
	out, _, err := b.start("peer")
	if err != nil {
		return err
	}
	return ready(out)
}

// hold starts n holders, two at a time, and returns the pid of the last.
func (b *bench) hold(first, n int, kind string, sockets, files int) (pid int, err error) {
	var waiting []*bufio.Reader
	for i := range n {
		var out *bufio.Reader
		out, pid, err = b.start("hold", strconv.Itoa(first+i), kind, strconv.Itoa(sockets), strconv.Itoa(files))
		if err != nil {
			return 0, err
		}
		waiting = append(waiting, out)
		if len(waiting) == runtime.NumCPU() || i == n-1 {
			for _, out := range waiting {
				err = errors.Join(err, ready(out))
			}
			waiting = nil
		}
		if err != nil {
			return 0, err
		}
	}
	return pid, nil
}

func ready(out *bufio.Reader) error {
	if line, err := out.ReadString('\n'); err != nil || line != "ready\n" {
		return fmt.Errorf("the load did not come up: %q, %w", line, err)
	}
	return nil
}

// settle waits until the peer's closed ends have expired.
func settle() { time.Sleep(3 * time.Second) }

func (b *bench) endLoad() {
	for _, cmd := range b.load {
		_ = cmd.Process.Kill()
	}
	for _, cmd := range b.load {
		_ = cmd.Wait()
	}
}
