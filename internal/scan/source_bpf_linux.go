package scan

import (
	"context"
	"os"

	"github.com/sockleak/sockleak/internal/scan/bpf"
	"github.com/sockleak/sockleak/internal/socket"
)

// bpfSource walks the descriptors of the targets inside the kernel. What it
// costs depends on the targets alone, and it sees what no table shows.
type bpfSource struct {
	program *bpf.Program // loaded at the first look, kept until Close
	initPID bool         // the scanner lives in the first pid namespace
}

func newBPFSource() *bpfSource { return &bpfSource{} }

func (*bpfSource) Name() string { return "bpf" }

func (*bpfSource) Needs() string {
	return "a BPF iterator over descriptors: CAP_BPF and CAP_PERFMON, Linux 5.12 with BTF"
}

// Close unloads the program.
func (src *bpfSource) Close() error {
	if src.program == nil {
		return nil
	}
	err := src.program.Close()
	src.program = nil
	return err
}

// walkAll is the number of processes from which on one walk over all of the
// machine's is cheaper than one for each.
const walkAll = 64

func (src *bpfSource) Collect(ctx context.Context, d *Draft) error {
	if err := src.load(); err != nil {
		return err
	}
	descriptors := 0
	byPID := make(map[int]*socket.Process, len(d.snap.Processes))
	for i := range d.snap.Processes {
		p := &d.snap.Processes[i]
		p.SocketFDs = 0
		byPID[p.ID.PID] = p
		descriptors += max(p.FDs, 0)
	}
	d.reserve(descriptors)
	take := func(pid int, fd int32, s *socket.Socket) error {
		if p := byPID[pid]; p != nil {
			d.seen(p, fd, s)
		}
		return nil
	}
	if len(byPID) >= walkAll && src.initPID {
		if err := src.program.Walk(ctx, 0, take); err != nil {
			return err
		}
	} else {
		for i := range d.snap.Processes {
			if err := src.program.Walk(ctx, d.snap.Processes[i].ID.PID, take); err != nil {
				return err
			}
		}
	}
	for _, what := range src.program.Missing() {
		d.Gap(socket.Gap{Where: what, Why: "the kernel does not have it where the bpf source looks"})
	}
	return nil
}

// procPIDInit is PROC_PID_INIT_INO (include/linux/proc_ns.h): the inode of the
// first pid namespace, in which the kernel numbers what the iterator tells.
const procPIDInit = "pid:[4026531836]"

func (src *bpfSource) load() error {
	if src.program != nil {
		return nil
	}
	p, err := bpf.Open(bpf.Options{})
	if err != nil {
		return err
	}
	link, err := os.Readlink(procRoot + "/self/ns/pid")
	src.program, src.initPID = p, err == nil && link == procPIDInit
	return nil
}

// seen adds one descriptor with its socket, or a connection in the accept
// queue of the listener behind the descriptor. A listener comes before its
// queue, and both come again with every further descriptor of the listener.
func (d *Draft) seen(p *socket.Process, fd int32, s *socket.Socket) {
	if s.Inode == 0 {
		if l := d.byInode[s.Listener]; l != nil && len(l.Holders) == 1 {
			d.queued = append(d.queued, *s)
		}
		return
	}
	p.SocketFDs++
	held := d.Hold(s.Inode, socket.Holder{Process: p.ID, FD: fd})
	if len(held.Holders) > 1 {
		return
	}
	holders := held.Holders
	*held = *s
	held.Holders = holders
	if s.UnixInfo != nil {
		info := *s.UnixInfo
		held.UnixInfo = &info
	}
}
