package opener

import "github.com/sockleak/sockleak/internal/socket"

// Tracer notes who opens sockets from when it was made until it is closed.
type Tracer interface {
	// Annotate fills Origin and Life of the snapshot's sockets as far as the
	// tracer saw them, and adds a gap for each kind of thing that it missed:
	// sockets that were opened before the trace, births that were lost.
	Annotate(snap *socket.Snapshot)
	// Close ends the trace. Nothing of it stays behind, in the kernel or in the
	// traced processes.
	Close() error
}
