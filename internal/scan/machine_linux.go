package scan

import (
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/enrich"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/portable"
	"github.com/sockleak/sockleak/internal/scan/source/proctext"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/scan/source/tables"
	"github.com/sockleak/sockleak/internal/scan/source/taskiter"
	"github.com/sockleak/sockleak/internal/scan/target"
)

// machine is what the steps of a look share on this system.
type machine struct {
	fs       proc.FS
	conns    *sockdiag.Conns
	resolver target.Resolver
	enricher *enrich.Enricher
	bootID   string
}

func openMachine(opts Options) (machine, error) {
	fs, err := proc.New(proc.Root)
	if err != nil {
		return machine{}, err
	}
	conns := sockdiag.NewConns(fs)
	enricher := enrich.New(fs, conns, enrich.Options{Duplicate: opts.DuplicateDescriptors, NoStacks: opts.NoStacks})
	return machine{fs, conns, target.NewResolver(fs), enricher, fs.BootID()}, nil
}

func (m machine) close() error { return m.conns.Close() }

// sources returns every source of this system, in the order in which they
// are tried: the one that sees most comes first, and the first that can be
// used is. Which is cheapest would depend on the work, but each sees less than
// the one before it (Lacks), and an answer must not depend on how much there
// was to look at. The order is that of the cost too, but for single looks at
// few sockets on a quiet host, where all of them take about as long as it
// takes to start.
func (m machine) sources() []source.Entry {
	return []source.Entry{
		{
			Name:  "bpf",
			Needs: "a BPF iterator over descriptors: CAP_BPF and CAP_PERFMON, Linux 5.12 with BTF",
			Open:  func() source.Source { return taskiter.NewSource(m.fs) },
		},
		{
			Name:  "sockdiag",
			Needs: "descriptors from /proc, sockets by netlink sock_diag; other users' processes need CAP_SYS_PTRACE, other network namespaces CAP_SYS_ADMIN",
			Lacks: "what became of sockets in no table (reset, failed or never connected), and the kernel's own account of who waits for and who shares a socket",
			Open:  func() source.Source { return sockdiag.NewSource(m.fs, m.conns, tables.Few) },
		},
		{
			Name:  "procfs",
			Needs: "descriptors and the text tables in /proc/PID/net; no tcp_info ages, no peers of UNIX sockets; other users' processes need CAP_SYS_PTRACE",
			Lacks: "ages of connections, cookies, MPTCP states, bound sockets and peers of UNIX sockets",
			Open:  func() source.Source { return proctext.NewSource(m.fs) },
		},
		portable.Entry(),
	}
}
