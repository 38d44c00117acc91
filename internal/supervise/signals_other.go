//go:build !unix

package supervise

// forwarder does nothing: the console sends its signals to every process
// that is attached to it.
type forwarder struct{}

func newForwarder() forwarder   { return forwarder{} }
func (f forwarder) run(t *Tree) {}
func (f forwarder) stop()       {}
