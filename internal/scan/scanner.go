package scan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/target"
	"github.com/sockleak/sockleak/internal/socket"
)

// Target is what to look at.
type Target = target.Target

// Options configure a Scanner.
type Options struct {
	// Source names the only source to use; "" lets the scanner choose.
	Source string
	// Now is the clock. It is required.
	Now func() time.Time
	// DuplicateDescriptors allows the scanner to duplicate descriptors of the
	// target with pidfd_getfd(2), one socket at a time, where nothing else
	// tells what a socket is. It postpones a close() of the target by
	// microseconds.
	DuplicateDescriptors bool
	// NoStacks leaves the memory of the processes alone: what poll(2) and
	// select(2) wait for stays unknown, and so does the line of code.
	NoStacks bool
	// Expect, when not nil, is told how many descriptors the targets of a look
	// have before their sockets are collected; -1 when that is not known.
	Expect func(descriptors int)
}

// Scanner takes looks at processes. It keeps sources open between looks, so
// that polling is cheap. It is not safe for concurrent use.
type Scanner struct {
	opts    Options
	machine machine
	sources []opened

	chosen   int // the source that answered the last look; -1 before
	skipped  []socket.SourceUse
	waits    source.Waits // of the last look
	expected int          // sockets that the last look saw
}

// opened is a source with its line in the list.
type opened struct {
	source.Entry
	source source.Source
}

// New returns a scanner. It fails when the source that opts name does not
// exist, or the system's own tables of processes cannot be opened.
func New(opts Options) (*Scanner, error) {
	m, err := openMachine(opts)
	if err != nil {
		return nil, err
	}
	s := &Scanner{opts: opts, machine: m, chosen: -1}
	for _, e := range m.sources() {
		if opts.Source == "" || e.Name == opts.Source {
			s.sources = append(s.sources, opened{e, e.Open()})
		}
	}
	if len(s.sources) == 0 {
		return nil, errors.Join(fmt.Errorf("unknown source %q; sockleak doctor lists them", opts.Source), s.Close())
	}
	return s, nil
}

// Close releases what the sources hold. Nothing stays behind when it is not
// called: all of it ends with the process.
func (s *Scanner) Close() error {
	var err error
	for _, src := range s.sources {
		err = errors.Join(err, src.source.Close())
	}
	return errors.Join(err, s.machine.close())
}

// Look takes one look at the target. Processes that vanish meanwhile are
// left out without a word, unless the target named them by pid. It fails
// when the target cannot be resolved (the errors of package target); what could
// not be seen of a target that exists is a gap of the snapshot.
func (s *Scanner) Look(ctx context.Context, t Target) (*socket.Snapshot, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	snap := &socket.Snapshot{Taken: s.opts.Now(), OS: runtime.GOOS, BootID: s.machine.bootID}
	snap.Host, _ = os.Hostname()
	found, err := s.machine.resolver.Resolve(ctx, t)
	if err != nil {
		return nil, err
	}
	snap.Processes, snap.Gaps = found.Processes, found.Gaps
	if s.opts.Expect != nil {
		s.opts.Expect(descriptorsOf(snap.Processes))
	}
	b := source.NewBuilder(snap, t.All(), s.expected)
	s.machine.enricher.Namespaces(ctx, b)
	if snap.Sources, err = s.collect(ctx, b); err != nil {
		return nil, err
	}
	if err := s.machine.enricher.Complete(ctx, b, s.waits); err != nil {
		return nil, err
	}
	s.verify(ctx, t, b)
	b.Finish()
	s.expected = len(snap.Sockets)
	snap.Duration = s.opts.Now().Sub(snap.Taken)
	return snap, nil
}

// descriptorsOf returns how many the processes have, or -1 when that is not known.
func descriptorsOf(list []socket.Process) int {
	n := 0
	for i := range list {
		if list[i].FDs < 0 {
			return -1
		}
		n += list[i].FDs
	}
	return n
}

// collect asks the sources in their order until one answers, and says which
// was used. The one that answered the last look is asked first.
func (s *Scanner) collect(ctx context.Context, b *source.Builder) ([]socket.SourceUse, error) {
	s.waits = nil
	uses := append([]socket.SourceUse(nil), s.skipped...)
	for i, src := range s.sources {
		if s.chosen >= 0 && i != s.chosen {
			continue
		}
		b.Attempt()
		result, err := src.source.Collect(ctx, b)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			uses = append(uses, src.Use(err.Error()))
			continue
		}
		if s.chosen < 0 {
			s.chosen, s.skipped = i, uses
		}
		s.waits = result.Waits
		return s.answered(uses, i, result.How), nil
	}
	if s.chosen >= 0 { // it worked before; begin again with all of them
		s.chosen, s.skipped = -1, nil
		return s.collect(ctx, b)
	}
	if !b.Blind() {
		b.Gap(socket.Gap{Where: "all sockets", Why: "no source could be used", Hint: "sockleak doctor says what each needs", Blinds: true})
	}
	return uses, nil
}

// answered says why source i was used, and those after it were not.
func (s *Scanner) answered(uses []socket.SourceUse, i int, how string) []socket.SourceUse {
	used := s.sources[i]
	why := used.Needs
	if how != "" {
		why += "; this sample: " + how
	}
	uses = append(uses[:len(uses):len(uses)], socket.SourceUse{Name: used.Name, Used: true, Why: why})
	for _, rest := range s.sources[i+1:] {
		why := "not needed: " + used.Name + " answered"
		if rest.Lacks != "" {
			why += "; it lacks " + rest.Lacks
		}
		uses = append(uses, rest.Use(why))
	}
	return uses
}

// verify drops every process that is not any more the one it was when the look
// began, and the sockets that only it held.
func (s *Scanner) verify(ctx context.Context, t Target, b *source.Builder) {
	gone := s.machine.resolver.Gone(ctx, b.Processes())
	if len(gone) == 0 {
		return
	}
	for _, pid := range t.PIDs {
		if gone[pid] {
			b.Gap(socket.Gap{Where: fmt.Sprintf("pid %d", pid), Why: "it ended while it was being sampled", Blinds: true})
		}
	}
	b.Drop(gone)
}

// Detail finds out what is asked about sockets of the snapshot, and adds it to
// them: who waits for them, what is at their other end, who else holds them. It
// is meant for the last look before judging; without questions it asks about all
// suspicious sockets, those first that one side has closed. What may not be read
// stays unknown, which the facts themselves say; what is left out because it
// would cost too much is a gap.
func (s *Scanner) Detail(ctx context.Context, snap *socket.Snapshot, ask *socket.Questions) error {
	if err := s.machine.enricher.Detail(ctx, snap, ask, s.waits, s.opts.Now); err != nil {
		return err
	}
	return s.polled(ctx, snap)
}

// SourceNames returns the names of all sources of this system with what they
// need, in the order in which they are tried.
func SourceNames() []socket.SourceUse {
	var list []socket.SourceUse
	for _, e := range (machine{}).sources() {
		list = append(list, e.Use(e.Needs))
	}
	return list
}
