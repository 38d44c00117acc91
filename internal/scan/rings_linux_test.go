package scan

import (
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// ring is an io_uring as far as submitting a receive takes
// (include/uapi/linux/io_uring.h).
type ring struct {
	fd                int
	queue, entries    []byte
	tail, mask, array uint32
}

func newRing() *ring {
	var params [30]uint32 // struct io_uring_params, 120 bytes
	const entries = 64
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, entries, uintptr(unsafe.Pointer(&params)), 0)
	if errno != 0 {
		panic(errno)
	}
	const offset = 10 // params.sq_off: head, tail, ring_mask, ring_entries, flags, dropped, array
	r := &ring{fd: int(fd), tail: params[offset+1], mask: params[offset+2], array: params[offset+6]}
	const protection = unix.PROT_READ | unix.PROT_WRITE
	var err error
	r.queue, err = unix.Mmap(r.fd, 0, int(r.array)+4*entries, protection, unix.MAP_SHARED|unix.MAP_POPULATE)
	testkit.Must(err)
	r.entries, err = unix.Mmap(r.fd, 0x10000000, 64*entries, protection, unix.MAP_SHARED|unix.MAP_POPULATE) // IORING_OFF_SQES
	testkit.Must(err)
	return r
}

// receive submits a receive on the descriptor, which nothing will complete.
func (r *ring) receive(fd int) {
	word := func(at uint32) *uint32 { return (*uint32)(unsafe.Pointer(&r.queue[at])) }
	i := *word(r.tail) & *word(r.mask)
	entry := r.entries[64*i : 64*i+64]
	clear(entry)
	entry[0] = 27 // IORING_OP_RECV
	*(*int32)(unsafe.Pointer(&entry[4])) = int32(fd)
	buf := make([]byte, 64)
	*(*uint64)(unsafe.Pointer(&entry[16])) = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(buf))))
	*(*uint32)(unsafe.Pointer(&entry[24])) = uint32(len(buf))
	*word(r.array + 4*i) = i
	*word(r.tail)++
	if _, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), 1, 0, 0, 0, 0); errno != 0 {
		panic(errno)
	}
}

// keepByRing accepts connections and closes them while a receive is pending. It
// does so with two that it opened, and a pair, when it gets SIGUSR1.
func keepByRing([]string) any {
	testkit.Must(exec.Command("ip", "link", "set", "lo", "up").Run())
	closes := make(chan os.Signal, 1)
	signal.Notify(closes, syscall.SIGUSR1)
	z, r := &zoo{}, newRing()
	l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	testkit.Must(unix.Bind(l, loopback(unix.AF_INET)))
	testkit.Must(unix.Listen(l, 8))
	z.keep("listener", l)
	to := sockAddr(unix.Getsockname(l))
	for range 3 {
		z.keep("client", dial(to, ""))
		fd := accept(l)
		z.keep("kept", fd)
		r.receive(fd)
		testkit.Must(unix.Close(fd))
	}
	var later []int
	for range 2 {
		fd := dial(to, "")
		z.keep("client of its own", fd)
		z.keep("accepted", accept(l))
		later = append(later, fd)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	testkit.Must(err)
	z.keep("one of a pair", pair[0])
	z.keep("the other of a pair", pair[1])
	for _, fd := range append(later, pair[0]) {
		r.receive(fd)
	}
	go func() {
		<-closes
		for _, fd := range append(later, pair[0]) {
			testkit.Must(unix.Close(fd))
		}
	}()
	return z
}

// What io_uring alone keeps is in the snapshot, with whom it is kept by: at once
// where it came in through the process's listener, else when it was seen before.
func TestKeptByIOURing(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	if off, err := os.ReadFile("/proc/sys/kernel/io_uring_disabled"); err == nil && strings.TrimSpace(string(off)) == "2" {
		t.Skip("io_uring is switched off (kernel.io_uring_disabled)")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs ip, to bring up a loopback interface")
	}
	for _, source := range []string{"bpf", "sockdiag"} {
		t.Run(source, func(t *testing.T) {
			var z zoo
			child := testkit.Spawn(t, &z, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "rings")
			s := scanner(t, source, false)
			inodes := map[uint64]string{}
			for _, a := range z.Animals {
				inodes[a.Inode] = a.Kind
			}
			kept := func() map[string]int {
				snap := lookAt(t, s, child.PID)
				if len(snap.Gaps) > 0 {
					t.Errorf("gaps %+v", snap.Gaps)
				}
				found := map[string]int{}
				for _, s := range snap.Sockets {
					if s.KeptBy == (socket.ProcessID{}) {
						continue
					}
					found[inodes[s.Inode]]++
					if s.KeptBy != snap.Processes[0].ID || len(s.Holders) > 0 || s.State != socket.Established || s.Cookie == 0 {
						t.Errorf("kept: %+v", s)
					}
				}
				return found
			}
			all, err := scanner(t, source, false).Look(t.Context(), Target{})
			if err != nil {
				t.Fatal(err)
			}
			ours := 0
			for _, k := range all.Sockets {
				if k.KeptBy.PID == child.PID {
					ours++
				}
			}
			if ours != 3 {
				t.Errorf("among all processes %d are kept, want 3", ours)
			}
			for range 2 {
				if got := kept(); len(got) != 1 || got["kept"] != 3 {
					t.Fatalf("kept %v, want the 3 accepted", got)
				}
			}
			if err := unix.Kill(child.PID, unix.SIGUSR1); err != nil {
				t.Fatal(err)
			}
			for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
				got := kept()
				if len(got) == 3 && got["kept"] == 3 && got["client of its own"] == 2 && got["one of a pair"] == 1 {
					break
				}
				if time.Since(begin) > 10*time.Second {
					t.Fatalf("kept %v, want also the 2 clients and one of a pair", got)
				}
			}
			child.Stop()
		})
	}
}
