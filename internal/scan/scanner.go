package scan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

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
	sys     *system
	sources []Source
	chosen  Source // the source that answered the last look
	skipped []socket.SourceUse

	expected int // sockets that the last look saw
}

// New returns a scanner. It fails when the source that opts name does not
// exist, or the system's own tables of processes cannot be opened.
func New(opts Options) (*Scanner, error) {
	sys, err := newSystem()
	if err != nil {
		return nil, err
	}
	if opts.NoStacks {
		sys.leaveMemory()
	}
	s := &Scanner{opts: opts, sys: sys}
	for _, src := range sources() {
		if opts.Source == "" || src.Name() == opts.Source {
			s.sources = append(s.sources, src)
		}
	}
	if len(s.sources) == 0 {
		return nil, fmt.Errorf("unknown source %q; sockleak doctor lists them", opts.Source)
	}
	if p, ok := s.sources[0].(preparer); ok {
		p.prepare()
	}
	return s, nil
}

// Close releases what the sources hold. Nothing stays behind when it is not
// called: all of it ends with the process.
func (s *Scanner) Close() error {
	err := s.sys.close()
	for _, src := range s.sources {
		if c, ok := src.(closer); ok {
			err = errors.Join(err, c.Close())
		}
	}
	return err
}

// Look takes one look at the target. Processes that vanish meanwhile are
// left out without a word, unless the target named them by pid. It fails
// when the target cannot be resolved (ErrNoProcess, ErrNoMatch and the other
// errors of this package); what could not be seen of a target that exists is
// a gap of the snapshot.
func (s *Scanner) Look(ctx context.Context, t Target) (*socket.Snapshot, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	snap := &socket.Snapshot{Taken: s.opts.Now()}
	s.sys.describe(snap)
	d := newDraft(snap, s.expected)
	d.every = t.All()
	if err := s.sys.resolve(ctx, t, d); err != nil {
		return nil, err
	}
	if s.opts.Expect != nil {
		s.opts.Expect(descriptorsOf(snap.Processes))
	}
	s.sys.survey(ctx, d)
	if err := s.collect(ctx, d); err != nil {
		return nil, err
	}
	if err := s.sys.complete(ctx, d, s.opts); err != nil {
		return nil, err
	}
	if err := s.sys.verify(t, d); err != nil {
		return nil, err
	}
	d.sum()
	socket.Sort(snap.Sockets)
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

// collect asks the sources in their order until one answers. The one that
// answered the last look is asked first.
func (s *Scanner) collect(ctx context.Context, d *Draft) error {
	uses := append([]socket.SourceUse(nil), s.skipped...)
	for i, src := range s.sources {
		if s.chosen != nil && src != s.chosen {
			continue
		}
		err := src.Collect(ctx, d)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			if s.chosen == nil {
				s.chosen, s.skipped = src, uses
			}
			s.sys.learn(src)
			d.snap.Sources = append(uses, socket.SourceUse{Name: src.Name(), Used: true, Why: why(src)})
			for _, rest := range s.sources[i+1:] {
				d.snap.Sources = append(d.snap.Sources, socket.SourceUse{Name: rest.Name(), Why: whyNot(rest, src)})
			}
			return nil
		}
		uses = append(uses, socket.SourceUse{Name: src.Name(), Why: err.Error()})
		d.restart()
	}
	if s.chosen != nil { // it worked before; begin again with all of them
		s.chosen, s.skipped = nil, nil
		return s.collect(ctx, d)
	}
	d.snap.Sources = uses
	d.Gap(socket.Gap{Where: "all sockets", Why: "no source could be used", Hint: "sockleak doctor says what each needs", Blinds: true})
	return nil
}

// whyNot says why a source was not used where another has answered.
func whyNot(src, used Source) string {
	why := "not needed: " + used.Name() + " answered"
	if lacks := src.Lacks(); lacks != "" {
		why += "; it lacks " + lacks
	}
	return why
}

// why says what a source that was used needs, and what it did.
func why(src Source) string {
	if e, ok := src.(explainer); ok && e.How() != "" {
		return src.Needs() + "; this look: " + e.How()
	}
	return src.Needs()
}
