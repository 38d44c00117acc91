//go:build linux

package prog

// Begun is a program that is being loaded.
type Begun struct {
	dir  string
	done chan loaded
}

type loaded struct {
	program Program
	fd      int
}

// Begin begins to load the program that is remembered in the directory, and
// returns at once. It can be begun before it is known whether the program is
// needed: if nobody takes it, it ends with the process. It reads what [In] does,
// and needs CAP_BPF and CAP_PERFMON.
func Begin(dir string) *Begun {
	b := &Begun{dir, make(chan loaded, 1)}
	go b.load()
	return b
}

func (b *Begun) load() {
	defer close(b.done)
	m, ok := In(b.dir)
	if !ok {
		return
	}
	p, ok := m.Recall()
	if !ok {
		return
	}
	if fd, err := p.Load(nil); err == nil {
		b.done <- loaded{p, fd}
	}
}

// Take waits until the program of the directory is loaded, and returns it with
// its descriptor, which is the caller's from now on. ok is false when it could
// not be loaded, is of another directory, has been taken before, or b is nil.
func (b *Begun) Take(dir string) (p Program, fd int, ok bool) {
	if b == nil || dir != b.dir {
		return Program{}, -1, false
	}
	l, ok := <-b.done
	return l.program, l.fd, ok
}
