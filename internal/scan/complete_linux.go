package scan

import "context"

// complete adds what no source by itself can say: whose the sockets in accept
// queues are, what the sockets in no table are, and what is known of the
// namespaces.
func (sys *system) complete(_ context.Context, d *Draft, _ Options) {
	identify(sys.proc, d)
	d.assignQueued()
	for _, ns := range namespaces(d) {
		facts, err := sys.proc.Namespace(ns.pid)
		if err == nil {
			d.snap.Namespaces = append(d.snap.Namespaces, facts)
		}
	}
}
