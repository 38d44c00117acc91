package scan

import (
	"errors"
	"fmt"

	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/socket"
)

// errNoSettings: the files of /proc/sys/net are missing, or not as they should be.
var errNoSettings = errors.New("/proc/sys/net/ipv4/ip_local_port_range could not be read")

// describeNamespace describes the network namespace, with the settings that hold
// there: /proc/sys shows those of the thread that reads it.
func (sys *system) describeNamespace(ns namespace, d *Draft) socket.Namespace {
	facts, err := sys.proc.Namespace(ns.pid)
	if err != nil {
		facts = socket.Namespace{ID: ns.id}
	}
	if facts.EphemeralLow != 0 {
		return facts // our own
	}
	path, err := sys.proc.NetNSPath(ns.pid)
	if err == nil {
		err = netns.Do(path, func(id uint64) error {
			if id != ns.id && ns.id != 0 {
				return fmt.Errorf("pid %d left the namespace", ns.pid)
			}
			sys.proc.NamespaceSettings(&facts)
			return nil
		})
	}
	if err == nil && facts.EphemeralLow == 0 {
		err = errNoSettings
	}
	if err != nil && !isGone(err) {
		g := socket.Gap{Where: fmt.Sprintf("ephemeral port range of network namespace %d", ns.id), Why: reason(err),
			Hint: "entering it needs CAP_SYS_ADMIN and CAP_SYS_PTRACE; without it nobody can tell how many of its ports are in use"}
		switch {
		case d.every:
			g.Where = "ephemeral port ranges of other network namespaces"
		case ns.id == 0:
			g.Where = fmt.Sprintf("ephemeral port range of the network namespace of pid %d", ns.pid)
		}
		d.Gap(g)
	}
	return facts
}
