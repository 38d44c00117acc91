package scan

import "context"

// survey describes the network namespaces that the draft's processes live in.
// It comes before the sockets are collected, while the bpf source may still be
// busy with loading its program.
func (sys *system) survey(ctx context.Context, d *Draft) {
	if sys.recallNamespaces(d) {
		return
	}
	before := len(d.snap.Gaps)
	for _, ns := range namespaces(d) {
		facts := sys.describeNamespace(ns, d)
		facts.Listening = sys.listeningPorts(ctx, ns, d)
		d.snap.Namespaces = append(d.snap.Namespaces, facts)
	}
	sys.known.gaps = append(sys.known.gaps, d.snap.Gaps[before:]...)
}

// complete adds what no source by itself can say: whose the sockets in accept
// queues are, what the sockets in no table are, and how many sockets of the
// namespaces nobody holds.
func (sys *system) complete(ctx context.Context, d *Draft, opts Options) error {
	if err := sys.identify(ctx, d, opts); err != nil {
		return err
	}
	d.assignQueued()
	if err := sys.unixQueues(ctx, d); err != nil {
		return err
	}
	if err := sys.ringSockets(ctx, d); err != nil {
		return err
	}
	if sys.known.complete {
		return nil // the survey knew
	}
	before := len(d.snap.Gaps)
	for i, ns := range namespaces(d) {
		if err := sys.ownerless(ctx, ns, &d.snap.Namespaces[i], d); err != nil {
			return err
		}
	}
	sys.rememberNamespaces(d, before)
	return nil
}
