package scan

import (
	"context"

	"github.com/sockleak/sockleak/internal/socket"
)

// complete adds what no source by itself can say: whose the sockets in accept
// queues are, what the sockets in no table are, and what is known of the
// namespaces.
func (sys *system) complete(ctx context.Context, d *Draft, opts Options) error {
	if err := sys.identify(ctx, d, opts); err != nil {
		return err
	}
	d.assignQueued()
	if sys.recallNamespaces(d) {
		return nil
	}
	before := len(d.snap.Gaps)
	for _, ns := range namespaces(d) {
		facts, err := sys.proc.Namespace(ns.pid)
		if err != nil {
			facts = socket.Namespace{ID: ns.id}
		}
		facts.Listening = sys.listeningPorts(ctx, ns, d)
		if err := sys.ownerless(ctx, ns, &facts, d); err != nil {
			return err
		}
		d.snap.Namespaces = append(d.snap.Namespaces, facts)
	}
	sys.rememberNamespaces(d, before)
	return nil
}
