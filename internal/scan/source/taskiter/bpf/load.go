//go:build linux

package bpf

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/capability"
	"github.com/sockleak/sockleak/internal/scan/source/taskiter/bpf/prog"
	"github.com/sockleak/sockleak/internal/socket"
)

// Options say what a program shows.
type Options struct {
	// States are the states that sockets must be in to be seen; the zero
	// value stands for all. The filter runs in the kernel. Connections that
	// wait to be accepted are seen only if Listen is among the states.
	States socket.States
}

// Program is a loaded program. Walkers read what it sees.
type Program struct {
	code        prog.Program
	onlyTGID    []uint16 // instructions that hold the tgid to filter on
	lost        losses
	missing     []string
	needs       string // something missing that nothing can be told without
	refused     error  // why the program for newer kernels was not loaded, though this is one
	countedRefs bool   // the file's reference count starts at one
	noFlags     bool   // descriptors' flags are not seen
	noInq       bool   // no unix_sock.inq_len
	states      socket.States

	fd   int // of the program that sees every process
	tick time.Duration

	mu       sync.Mutex  // over what follows
	links    map[int]int // iterators by tgid, kept for the next look
	filtered bool        // kernels before 6.1: a program for each tgid
}

// Open fits the program to the running kernel and loads it. It reads
// /sys/kernel/btf/vmlinux and needs CAP_BPF and CAP_PERFMON (or
// CAP_SYS_ADMIN). Its errors wrap ErrNoBTF, ErrNotPermitted, ErrUnsupported
// or ErrRejected.
func Open(opts Options) (*Program, error) {
	if !fits() {
		return nil, fmt.Errorf("%w: needs a 64-bit little-endian machine", ErrUnsupported)
	}
	if len(capability.MissingForBPF()) > 0 { // before all that would be in vain
		return nil, notPermitted("load program")
	}
	if opts.States == 0 {
		opts.States = socket.AllStates
	}
	p := &Program{fd: -1, links: make(map[int]int), states: opts.States}
	if err := p.setTick(); err != nil {
		return nil, err
	}
	err := withKernelBTF(func(data []byte) error {
		kernel, err := parseBTF(data, symbols())
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNoBTF, err)
		}
		return p.load(kernel)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// fits reports whether this machine is one that the program is written for.
func fits() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 1 && unsafe.Sizeof(uintptr(0)) == 8
}

// setTick learns how long a jiffy is.
func (p *Program) setTick() error {
	var res unix.Timespec
	if err := unix.ClockGetres(unix.CLOCK_MONOTONIC_COARSE, &res); err != nil {
		return fmt.Errorf("%w: clock_getres: %w", ErrUnsupported, err)
	}
	p.tick = time.Duration(res.Nano())
	return nil
}

// load loads the program that the kernel's version asks for. If the verifier
// refuses it, the one for older kernels is tried.
func (p *Program) load(kernel *btf) error {
	if _, ok := kernel.ids[symbol{kindFunc, iterator}]; !ok {
		return fmt.Errorf("%w: needs Linux 5.12 with CONFIG_BPF_SYSCALL and CONFIG_NET", ErrUnsupported)
	}
	if _, ok := kernel.ids[symbol{kindFunc, "bpf_rdonly_cast"}]; !ok {
		return p.loadImage(probeImage(), kernel)
	}
	err := p.loadImage(castImage(), kernel)
	if errors.Is(err, ErrRejected) && p.loadImage(probeImage(), kernel) == nil {
		p.refused = err
		return nil
	}
	return err
}

// loadImage fits an image to the kernel and loads it.
func (p *Program) loadImage(m image, kernel *btf) (err error) {
	p.fit(m, kernel)
	if p.needs != "" {
		return fmt.Errorf("%w: the kernel has no %s", ErrUnsupported, p.needs)
	}
	p.fd, err = p.loadFor(0)
	return err
}

// fit fits an image to the kernel, and notes what it will not show.
func (p *Program) fit(m image, kernel *btf) {
	values := map[string]uint32{"states": uint32(inKernel(p.states)), "initial_ns": truth(inInitialPidNS())}
	code, absent := m.fit(kernel, values)
	p.code, p.lost, p.missing, p.needs = code, losses{}, nil, ""
	p.onlyTGID = m.places(value, "only_tgid")
	p.miss(kernel, absent)
}

// inKernel returns the states to let through in the kernel, where what
// BoundInactive stands for is CLOSE.
func inKernel(states socket.States) socket.States {
	if states.Has(socket.BoundInactive) {
		states |= socket.StateSet(socket.Close)
	}
	return states
}

// loadFor loads the program with a filter on tgid; 0 lets every process pass.
func (p *Program) loadFor(tgid int) (int, error) {
	for _, at := range p.onlyTGID {
		p.code.Code[at].Fill(uint32(tgid))
	}
	fd, err := p.code.Load(nil)
	err = forbidden(err)
	switch {
	case err == nil:
		return fd, nil
	case errors.Is(err, unix.EPERM):
		return -1, notPermitted("load program")
	case errors.Is(err, unix.ENOSYS):
		return -1, fmt.Errorf("%w: the kernel has no bpf system call", ErrUnsupported)
	}
	log := p.log()
	if strings.Contains(lastWord(log), "bpf_probe_read_kernel") {
		return -1, errLockdown
	}
	return -1, &RejectedError{Err: err, Log: log}
}

// log loads the program again for the sake of the verifier's log, and returns
// the end of it.
func (p *Program) log() string {
	log := make([]byte, 1<<20)
	if fd, err := p.code.Load(log); err == nil {
		unix.Close(fd)
	}
	end := max(bytes.IndexByte(log, 0), 0)
	return string(log[max(0, end-4096):end])
}

// iterate starts a walk over a process, or over all when tgid is 0.
func (p *Program) iterate(tgid int) (int, error) {
	p.mu.Lock() // over the use of the link too: another walker may close it
	defer p.mu.Unlock()
	link, err := p.link(tgid)
	if err != nil {
		return -1, err
	}
	iter, err := prog.IterCreate(link)
	if err != nil {
		return -1, fmt.Errorf("bpf: start iterator: %w", err)
	}
	return iter, nil
}

// link returns the iterator for a process, or for all when tgid is 0.
func (p *Program) link(tgid int) (int, error) {
	if fd, ok := p.links[tgid]; ok {
		return fd, nil
	}
	const keep = 16 // few: each is a descriptor, of which there may be 64 (RLIMIT_NOFILE)
	if len(p.links) >= keep {
		p.closeLinks()
	}
	fd, err := p.newLink(tgid)
	if errors.Is(err, unix.EPERM) {
		return -1, notPermitted("create iterator")
	}
	if err != nil {
		return -1, fmt.Errorf("bpf: create iterator for pid %d: %w", tgid, err)
	}
	p.links[tgid] = fd
	return fd, nil
}

// newLink makes an iterator. Kernels before 6.1 know none for one process,
// and say so with EINVAL or E2BIG; there the program filters.
func (p *Program) newLink(tgid int) (int, error) {
	if !p.filtered || tgid == 0 {
		fd, err := prog.LinkCreate(p.fd, tgid)
		if tgid == 0 || !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.E2BIG) {
			return fd, err
		}
		p.filtered = true
	}
	fd, err := p.loadFor(tgid)
	if err != nil {
		return -1, err
	}
	defer unix.Close(fd) // the link keeps it
	return prog.LinkCreate(fd, 0)
}

// Close unloads the program. Nothing stays behind in the kernel, and nothing
// would if the process died without it.
func (p *Program) Close() error {
	p.closeLinks()
	if p.fd < 0 {
		return nil
	}
	err := unix.Close(p.fd)
	p.fd = -1
	return err
}

func (p *Program) closeLinks() {
	for tgid, fd := range p.links {
		unix.Close(fd)
		delete(p.links, tgid)
	}
}
