package source

import (
	"context"

	"github.com/sockleak/sockleak/internal/socket"
)

// Entry is a source that can be chosen, in the list of all.
type Entry struct {
	Name  string // under which --source selects it
	Needs string // in one line, which privilege and which kernel it needs
	// Lacks says what its answer lacks that those of the entries before it
	// have; "" when nothing. It is why a cheaper source is not used.
	Lacks string
	Open  func() Source
}

// Use says that the entry was not used, and why.
func (e *Entry) Use(why string) socket.SourceUse { return socket.SourceUse{Name: e.Name, Why: why} }

// Source is one way of seeing sockets. It may keep files open between looks.
type Source interface {
	// Collect adds what it sees of the builder's processes. An error means
	// that the source could not be used at all, and that another must be;
	// what it could only see in part becomes a gap.
	Collect(ctx context.Context, b *Builder) (Result, error)
	Close() error
}

// Result is what a source found out beside the sockets.
type Result struct {
	How   string // how it went about this look, one line; "" when there is but one way
	Waits Waits
}

// Waits are the descriptors through which processes wait for others, of each
// process whose descriptors a source has read; nil when it has read none.
type Waits map[socket.ProcessID]Waiting

// Waiting is what one process has to wait through.
type Waiting struct {
	Epolls  []int32 // descriptors of its epoll sets
	IOURing bool    // it has an io_uring(7)
	// Others are descriptors one of which may be an io_uring. Where there are
	// some, the other two are not known.
	Others []int32
}
