//go:build linux

package sockdiag

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/fdtable"
	"github.com/sockleak/sockleak/internal/scan/source/proctext"
	"github.com/sockleak/sockleak/internal/socket"
)

// Source reads the descriptor tables from /proc and asks the kernel for the
// sockets through netlink. Where netlink does not answer for a namespace or a
// protocol, it reads the text table instead.
type Source struct {
	fs    proc.FS
	conns *Conns
	few   int                   // see tables.FewOfMany
	known map[uint64]*knowledge // by namespace, of the last look
	how   []string              // what this look did, by namespace
}

// NewSource returns the source. It shares the connections, which it leaves open.
// It asks for less than a whole table where that has more than few times as
// many sockets as the targets: tables.Few, but in tests.
func NewSource(fs proc.FS, conns *Conns, few int) *Source {
	return &Source{fs: fs, conns: conns, few: few, known: map[uint64]*knowledge{}}
}

// Close has nothing to close: the connections are others' too.
func (*Source) Close() error { return nil }

// Collect implements source.Source. It fails when there is no sock_diag, or no
// target may be read.
func (src *Source) Collect(ctx context.Context, b *source.Builder) (source.Result, error) {
	if _, err := src.conns.Own(); err != nil {
		return source.Result{}, err
	}
	waits, err := fdtable.Hold(src.fs, b)
	if err != nil {
		return source.Result{}, err
	}
	src.how = nil
	looks := src.looks(b)
	// What is known of all namespaces comes first: else the sockets of one
	// would be searched for in the tables of another.
	for _, l := range looks {
		if conn, err := src.conns.In(l.ns); err == nil {
			if err := l.recall(ctx, conn); err != nil {
				return source.Result{}, err
			}
		}
	}
	for _, l := range looks {
		if err := src.collect(ctx, l); err != nil {
			return source.Result{}, err
		}
	}
	return source.Result{How: src.did(), Waits: waits}, nil
}

// looks begins a look at each namespace, and forgets what is known of others.
func (src *Source) looks(b *source.Builder) []*look {
	var looks []*look
	known := map[uint64]*knowledge{}
	for _, ns := range netns.Of(b.Processes()) {
		if known[ns.ID] = src.known[ns.ID]; known[ns.ID] == nil {
			known[ns.ID] = &knowledge{}
		}
		looks = append(looks, &look{fs: src.fs, ns: ns, b: b, known: known[ns.ID], few: src.few})
	}
	src.known = known
	return looks
}

// collect asks for the sockets of one namespace, or reads the text tables where
// it may not be entered.
func (src *Source) collect(ctx context.Context, l *look) error {
	conn, err := src.conns.In(l.ns)
	if err != nil {
		CannotEnter(l.b, l.ns, err)
		src.note("text tables of another network namespace")
		return proctext.Read(ctx, src.fs, l.ns, l.b, nil)
	}
	if err := l.collect(ctx, conn); err != nil {
		return err
	}
	src.note(l.how)
	return nil
}

// note notes what the look did in a network namespace.
func (src *Source) note(what string) {
	if !slices.Contains(src.how, what) {
		src.how = append(src.how, what)
	}
}

// did says what the look did. Of many namespaces it tells of the first.
func (src *Source) did() string {
	const most = 3
	if more := len(src.how) - most; more > 0 {
		return strings.Join(src.how[:most], "; ") + fmt.Sprintf("; and %d more", more)
	}
	return strings.Join(src.how, "; ")
}

// CannotEnter notes what the text tables of a namespace do not have.
func CannotEnter(b *source.Builder, ns netns.Namespace, err error) {
	b.Gap(socket.Gap{
		Where: fmt.Sprintf("ages and peers of sockets in network namespace %d", ns.ID),
		Why:   source.Reason(err),
		Hint:  "entering it needs CAP_SYS_ADMIN; its text tables were read instead",
	})
}
