package scan

import (
	"context"

	"github.com/sockleak/sockleak/internal/socket"
)

// Source is one way of seeing sockets.
type Source interface {
	// Name is the name under which --source selects it.
	Name() string
	// Needs says in one line which privilege and which kernel it needs.
	Needs() string
	// Lacks says what its answer lacks that those of the sources before it
	// have; "" when nothing. It is why a cheaper source is not used.
	Lacks() string
	// Collect adds what it sees of the draft's processes. An error means
	// that the source could not be used at all, and that another must be;
	// what it could only see in part becomes a gap of the draft.
	Collect(ctx context.Context, d *Draft) error
}

// preparer is a source that can begin its work before it is needed.
type preparer interface{ prepare() }

// closer is a source that holds something between looks.
type closer interface{ Close() error }

// SourceNames returns the names of all sources of this system with what they
// need, in the order in which they are tried.
func SourceNames() []socket.SourceUse {
	var list []socket.SourceUse
	for _, s := range sources() {
		list = append(list, socket.SourceUse{Name: s.Name(), Why: s.Needs()})
	}
	return list
}

// explainer is a source that goes about a look in different ways.
type explainer interface {
	// How says in one line how it went about the last one, and why.
	How() string
}
