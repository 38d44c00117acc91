//go:build linux && amd64

package attach

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/opener"
	"github.com/sockleak/sockleak/internal/socket"
)

// Tracer is an opener.Tracer that traces running processes and what they fork.
type Tracer struct {
	kernel *loaded
	ring   *ringbuf.Reader
	done   chan struct{} // closed when the ring is no longer read

	mu     sync.Mutex // over what follows
	stacks *opener.Stacks
	named  map[uint64]opener.Stack // by the key of the birth
	images uint64                  // given out
	closed bool
}

// New loads the programs into the kernel. It needs CAP_BPF and CAP_PERFMON,
// Linux 5.17 with BTF, and x86-64. The error says in one sentence why they
// cannot be loaded. Processes are traced from the first snapshot on that has
// them as targets.
func New(root string) (opener.Tracer, error) { return newTracer(root, 0) }

// newTracer is New with a bound of the open sockets; 0 is the usual one.
func newTracer(root string, most uint32) (opener.Tracer, error) {
	stacks, err := opener.NewStacks(root)
	if err != nil {
		return nil, err
	}
	kernel, err := load(most)
	if err != nil {
		return nil, err
	}
	ring, err := ringbuf.NewReader(kernel.maps.Stacks)
	if err != nil {
		return nil, errors.Join(err, kernel.close())
	}
	t := &Tracer{kernel: kernel, ring: ring, done: make(chan struct{}), stacks: stacks, named: map[uint64]opener.Stack{}}
	go t.read()
	return t, nil
}

// Close implements opener.Tracer.
func (t *Tracer) Close() error {
	err := t.ring.Close()
	<-t.done
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.stacks.Close()
	return errors.Join(err, t.kernel.close())
}

// Annotate implements opener.Tracer. The snapshot's targets are traced from now
// on.
func (t *Tracer) Annotate(snap *socket.Snapshot) {
	for i := range snap.Processes {
		if p := &snap.Processes[i]; p.Target {
			if err := t.watch(p.ID.PID); err != nil {
				snap.Gaps = append(snap.Gaps, socket.Gap{Where: "who opened the sockets of " + fmt.Sprintf("pid %d", p.ID.PID), Why: err.Error(), Count: 1})
			}
		}
	}
	births, err := t.births()
	if err != nil {
		snap.Gaps = append(snap.Gaps, socket.Gap{Where: "who opened the sockets", Why: err.Error(), Count: 1})
		return
	}
	t.wait(births)
	t.annotate(snap, births)
	t.tidy(snap, births)
}

// watch begins to trace a process.
func (t *Tracer) watch(pid int) error {
	var image uint64
	tgid := uint32(pid)
	if t.kernel.maps.Targets.Lookup(tgid, &image) == nil {
		return nil
	}
	t.mu.Lock()
	t.images++
	image = t.images // the kernel's begin with the time since the boot, and are larger
	err := t.prepare(pid, image, true)
	t.mu.Unlock()
	if err != nil {
		return err
	}
	return t.kernel.maps.Targets.Put(tgid, image)
}

// errEarly is returned when a program's interpreter is not mapped yet.
var errEarly = errors.New("the program has just begun")

// prepare tells the kernel how the stacks of a program are read. Unless it is
// final, it fails with errEarly where that cannot be told yet.
func (t *Tracer) prepare(pid int, image uint64, final bool) error {
	p, _ := t.stacks.Program(pid, image)
	if !final && p != nil && p.Process.Runtime == socket.Python && p.Unread() != nil {
		t.stacks.Forget(image)
		return errEarly
	}
	described := imageOf(p)
	err := t.kernel.maps.Images.Put(image, &described)
	if errors.Is(err, unix.E2BIG) { // programs that have ended: those that run are described again
		err = t.forgetImages()
		err = errors.Join(err, t.kernel.maps.Images.Put(image, &described))
	}
	return err
}

func (t *Tracer) forgetImages() error {
	var image uint64
	var described birthsImage
	var all []uint64
	for entries := t.kernel.maps.Images.Iterate(); entries.Next(&image, &described); {
		all = append(all, image)
	}
	_, err := t.kernel.maps.Images.BatchDelete(all, nil)
	return err
}

// read names stacks as they come.
func (t *Tracer) read() {
	defer close(t.done)
	var record ringbuf.Record
	for {
		err := t.ring.ReadInto(&record)
		switch {
		case errors.Is(err, ringbuf.ErrClosed), errors.Is(err, os.ErrClosed):
			return
		case err != nil:
			continue
		}
		switch s, ok := parseStack(record.RawSample); {
		case ok && s.Kind == birthsKindKIND_NONE:
			time.AfterFunc(settles, func() { t.begun(int(s.Tgid), s.Image, 3) })
		case ok:
			t.name(&s)
		}
	}
}

// settles is how long after execve(2) a program's libraries are mapped; an
// interpreter takes longer until it runs the first line.
const settles = 10 * time.Millisecond

// begun prepares a program that has just begun, before it opens a socket if
// possible.
func (t *Tracer) begun(pid int, image uint64, tries int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.kernel.maps.Images.Lookup(image, &birthsImage{}) == nil {
		return
	}
	if errors.Is(t.prepare(pid, image, tries == 0), errEarly) {
		time.AfterFunc(2*settles, func() { t.begun(pid, image, tries-1) })
	}
}

// mostNamed bounds the stacks that are kept.
const mostNamed = 1 << 16

func (t *Tracer) name(s *birthsStack) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.named) >= mostNamed {
		clear(t.named)
	}
	if t.kernel.maps.Images.Lookup(s.Image, &birthsImage{}) != nil { // it has just begun
		_ = t.prepare(int(s.Tgid), s.Image, true) // without it each of its stacks is copied
	}
	t.named[s.Key] = t.stacks.Read(place(s))
}

// wait waits a moment until the stacks of the births are named.
func (t *Tracer) wait(births []birthsBirth) {
	const most = 500 // ms
	for i := 0; i < most && !t.allNamed(births); i++ {
		time.Sleep(time.Millisecond)
	}
}

func (t *Tracer) allNamed(births []birthsBirth) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range births {
		if _, ok := t.named[births[i].Stack]; !ok && births[i].Stack != 0 {
			return false
		}
	}
	return true
}
