package scan

import (
	"context"

	"github.com/sockleak/sockleak/internal/scan/bpf"
	"github.com/sockleak/sockleak/internal/socket"
)

// bpfSource walks the descriptors of the targets inside the kernel. What it
// costs depends on the targets alone, and it sees what no table shows.
type bpfSource struct {
	program *bpf.Program // loaded at the first look, kept until Close
	walkers []*bpf.Walker
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
	src.program, src.walkers = nil, nil
	return err
}

func (src *bpfSource) Collect(ctx context.Context, d *Draft) error {
	if err := src.load(); err != nil {
		return err
	}
	for i := range d.snap.Processes {
		d.snap.Processes[i].SocketFDs = 0
	}
	catches, err := src.walk(ctx, d.snap.Processes)
	if err != nil {
		return err
	}
	d.takeIn(catches)
	for _, what := range src.program.Missing() {
		d.Gap(socket.Gap{Where: what, Why: "the kernel does not have it where the bpf source looks"})
	}
	return nil
}

func (src *bpfSource) load() error {
	if src.program != nil {
		return nil
	}
	p, err := bpf.Open(bpf.Options{})
	if err != nil {
		return err
	}
	src.program = p
	return nil
}
