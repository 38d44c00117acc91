package scan

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/sockleak/sockleak/internal/scan/bpf"
	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// bpfSource walks the descriptors of the targets inside the kernel. What it
// costs depends on the targets alone, and it sees what no table shows.
type bpfSource struct {
	open    func() (*bpf.Program, error) // loads the program once, which is then kept until Close
	opening bool                         // open was called
	walkers []*bpf.Walker
}

func newBPFSource() *bpfSource {
	open := func() (*bpf.Program, error) { return bpf.Open(bpf.Options{}) }
	return &bpfSource{open: sync.OnceValues(open)}
}

func (*bpfSource) Name() string { return "bpf" }

func (*bpfSource) Needs() string {
	return "a BPF iterator over descriptors: CAP_BPF and CAP_PERFMON, Linux 5.12 with BTF"
}

// prepare begins to load the program. The kernel takes its time to verify it,
// in which others can find out which processes are meant.
func (src *bpfSource) prepare() {
	if src.opening {
		return
	}
	src.opening = true
	go src.open()
}

// Close unloads the program.
func (src *bpfSource) Close() error {
	if !src.opening {
		return nil
	}
	src.walkers = nil
	p, err := src.open()
	if err != nil {
		return nil // Collect has said it, or nobody asked
	}
	return p.Close()
}

func (src *bpfSource) Collect(ctx context.Context, d *Draft) error {
	if err := sameNumbers(); err != nil {
		return err
	}
	src.opening = true
	program, err := src.open()
	if err != nil {
		return err
	}
	for i := range d.snap.Processes {
		d.snap.Processes[i].SocketFDs = 0
	}
	catches, err := src.walk(ctx, program, d.snap.Processes)
	if err != nil {
		return err
	}
	d.takeIn(catches)
	for _, what := range program.Missing() {
		d.missing(what)
	}
	return nil
}

// sameNumbers returns an error where /proc belongs to another pid namespace: the
// iterator would look for other processes than the ones that are meant.
func sameNumbers() error {
	proc, err := procfs.New(procRoot)
	if err != nil {
		return err
	}
	if proc.Self() != os.Getpid() {
		return errForeignProc
	}
	return nil
}

// errForeignProc: what /proc numbers is not what the kernel's calls number.
var errForeignProc = errors.New("/proc belongs to another pid namespace; enter its mount namespace too (nsenter -m -p)")

// missing notes what the kernel does not show, if there is a socket that it
// does not show it of.
func (d *Draft) missing(what string) {
	for _, s := range d.snap.Sockets {
		if word, is := bpf.Concerns(what, s); is {
			if word != "" {
				what = word + " sockets: " + what
			}
			d.Gap(socket.Gap{Where: what, Why: "the kernel does not have it where the bpf source looks"})
			return
		}
	}
}
