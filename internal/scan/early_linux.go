package scan

import "github.com/sockleak/sockleak/internal/scan/bpf/prog"

// Early is work that is begun before it is known what to look at: the kernel
// takes a millisecond or more to verify the program of the bpf source, in which a
// command line can be understood and its targets be found. It is for one
// Scanner. Where no Scanner takes it up, it ends with the process.
type Early struct{ bpf *bpfSource }

// Begin begins it, or goes on with what was begun before, unless that is nil.
// What it finds out about the kernel it remembers until the next boot in the
// directory memory, unless that is "". Whether it could be done is said by the
// Scanner, which may do without.
func Begin(memory string, begun *prog.Begun) *Early {
	e := &Early{newBPFSource(memory, begun)}
	e.bpf.prepare()
	return e
}

// take returns the source, or the one that the work was begun for.
func (e *Early) take(src Source) Source {
	if e != nil && src.Name() == e.bpf.Name() {
		return e.bpf
	}
	return src
}
