//go:build linux

package enrich

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// errNoSettings: the files of /proc/sys/net are missing, or not as they should be.
var errNoSettings = errors.New("/proc/sys/net/ipv4/ip_local_port_range could not be read")

// describe describes the network namespace, with the settings that hold there:
// /proc/sys shows those of the thread that reads it.
func (e *Enricher) describe(ns netns.Namespace, b *source.Builder) socket.Namespace {
	if ns.ID != 0 && ns.ID == e.ownNetNS() {
		ns.PID = e.fs.Self() // the other may be another user's
	}
	facts, err := e.fs.Namespace(ns.PID)
	if err != nil {
		facts = socket.Namespace{ID: ns.ID}
	}
	if facts.EphemeralLow != 0 {
		return facts // our own
	}
	err = ns.Do(e.fs, func(uint64) error {
		e.fs.NamespaceSettings(&facts)
		return nil
	})
	if err == nil && facts.EphemeralLow == 0 {
		err = errNoSettings
	}
	unseen := b.Every() && ns.ID == 0 // who may not even see which it is sees no socket of it either
	if err != nil && !unseen && !errors.Is(err, fs.ErrNotExist) {
		b.Gap(settingsGap(ns, b, err))
	}
	return facts
}

func settingsGap(ns netns.Namespace, b *source.Builder, err error) socket.Gap {
	g := socket.Gap{Where: fmt.Sprintf("ephemeral port range of network namespace %d", ns.ID), Why: source.Reason(err),
		Hint: "entering it needs CAP_SYS_ADMIN and CAP_SYS_PTRACE; without it, how many of its ports are in use is not known"}
	switch {
	case b.Every():
		g.Where = "ephemeral port ranges of other network namespaces"
	case ns.ID == 0:
		g.Where = fmt.Sprintf("ephemeral port range of the network namespace of pid %d", ns.PID)
	}
	return g
}

// listening returns the TCP ports on which anybody listens in the namespace, in
// rising order; nil when they cannot be known. The kernel keeps listeners in a
// table of their own, so that it costs the same on any host.
func (e *Enricher) listening(ctx context.Context, ns netns.Namespace) []uint16 {
	conn, err := e.conns.In(ns)
	if err != nil {
		return nil
	}
	var ports []uint16
	err = conn.TCP(ctx, sockdiag.Filter{States: socket.StateSet(socket.Listen), Brief: true}, func(s *socket.Socket) error {
		ports = append(ports, s.Local.Port())
		return nil
	})
	if err != nil {
		return nil
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}
