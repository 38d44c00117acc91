package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func boundUnused() Rule {
	return Rule{
		ID: "bound-unused", Title: "TCP sockets that are bound to a port, and neither listen nor connect", Severity: Leak,
		Doc: Doc{
			Means: "The program has bound these sockets to a local port and never called listen() or connect(). Each " +
				"keeps a descriptor and a port, which nobody else can bind.",
			Causes: "An error between bind() and listen() or connect() without close(); a search for a free port that " +
				"keeps what it found.",
			Evidence: "The bound-inactive dump of sock_diag (Linux 6.8), the BPF iterator, or --duplicate-descriptors. " +
				"Several (3) are suspected, sixteen are a leak, as is growth with survivors over the looks.",
			BlindSpot: "On kernels before 6.8 without CAP_BPF and CAP_PERFMON such sockets count as never-connected. There " +
				"is no age in the kernel.",
			LookAlike: "A port that is reserved on purpose, before the program listens or hands it to a child: one or two.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket when what should follow bind() is not reached",
			socket.Python:         "with socket.socket() as s: s.bind(('', 0)); port = s.getsockname()[1] - the `with` gives the port back",
			socket.Go:             "l, err := net.Listen(...); defer l.Close() - also where it only serves to find a free port",
			socket.Java:           "try (ServerSocket s = new ServerSocket(0)) { port = s.getLocalPort(); }",
			socket.Native:         "if (listen(fd, n) < 0) { close(fd); ... } - and close() what was only bound to find a free port",
		},
		Want: inNoTable(socket.Bound),
		Check: func(c *Case, list []*socket.Socket) []Finding {
			return c.reports(list, c.Settings.Several, many, func(g group, f *Finding) {
				f.Summary = fmt.Sprintf("holds %s that are bound and unused", Plural(len(g.sockets), "TCP socket"))
				f.Evidence = []string{fmt.Sprintf("bound (the first to %s), neither listening nor connected", g.sockets[0].Local)}
			})
		},
	}
}
