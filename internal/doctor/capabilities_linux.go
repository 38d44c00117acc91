package doctor

import (
	"context"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/capability"
)

// need is a capability(7) and what it is needed for.
type need struct {
	name  string
	bit   uint
	gives string
	rare  bool // only some machines or sockets need it
}

func needs() []need {
	return []need{
		{"CAP_SYS_PTRACE", unix.CAP_SYS_PTRACE, "descriptors, executables and network namespaces of other users' processes", false},
		{"CAP_DAC_READ_SEARCH", unix.CAP_DAC_READ_SEARCH, "who waits for a socket, and sockets in no table, in other users' processes", false},
		{"CAP_BPF", unix.CAP_BPF, "the bpf source (with CAP_PERFMON): sockets in no table, at a cost that depends on the target alone", false},
		{"CAP_PERFMON", unix.CAP_PERFMON, "the bpf source (with CAP_BPF)", false},
		{"CAP_SYS_ADMIN", unix.CAP_SYS_ADMIN, "ages and peers of sockets in other network namespaces, where the bpf source cannot be used", true},
		{"CAP_NET_ADMIN", unix.CAP_NET_ADMIN, "with --duplicate-descriptors, the network namespace of a socket", true},
	}
}

// capabilities tells which of the capabilities are effective.
func capabilities(context.Context, Options) []Check {
	effective, err := capability.Effective()
	if err != nil {
		return []Check{{Name: "capabilities", Status: Limited, Found: "could not be read: " + err.Error()}}
	}
	exe, err := os.Executable()
	if err != nil {
		exe = "sockleak"
	}
	var list []Check
	for _, n := range needs() {
		c := Check{Name: n.name, Status: OK, Found: "effective", Gives: n.gives}
		if !effective.Has(n.bit) {
			c.Status, c.Found, c.Capability, c.Fix = Missing, "not effective", n.name, Grants(exe, []string{n.name})
			if n.rare {
				c.Status = Limited
			}
		}
		list = append(list, c)
	}
	return list
}

// setting reads a one-line file of /proc/sys or /sys; "" when it is not there.
func setting(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
