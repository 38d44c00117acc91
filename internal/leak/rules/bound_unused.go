package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func boundUnused() leak.Rule {
	return leak.Rule{
		ID: "bound-unused", Title: "TCP sockets that are bound to a port, and neither listen nor connect", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The program has bound these sockets to a local port and never called listen() or connect(). Each " +
				"keeps a descriptor and a port, which nobody else can bind.",
			Causes: "An error between bind() and listen() or connect() without close(); a search for a free port that " +
				"keeps what it found.",
			Evidence: "The bound-inactive dump of sock_diag (Linux 6.8), the BPF iterator, or --duplicate-descriptors. " +
				"Several (3) are suspected, sixteen are a leak, as is growth over the samples.",
			BlindSpot: "On kernels before 6.8 without CAP_BPF and CAP_PERFMON such sockets count as never-connected. There " +
				"is no age in the kernel.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close the socket when what should follow bind() is not reached",
			socket.Python:         "with socket.socket() as s: s.bind(('', 0)); port = s.getsockname()[1] - the `with` gives the port back",
			socket.Go:             "l, err := net.Listen(...); defer l.Close() - also where it only serves to find a free port",
			socket.Java:           "try (ServerSocket s = new ServerSocket(0)) { port = s.getLocalPort(); }",
			socket.Native:         "if (listen(fd, n) < 0) { close(fd); ... } - and close() what was only bound to find a free port",
		}},
		Match:  inNoTable(socket.Bound),
		Spares: []leak.Spare{programStopped("stopped/noted.py"), stays("bound-unused/clean.py"), closedAsLong("bound-unused/clean.py").InOneLook(leak.No)},
		Grounds: []leak.Proof{
			{ID: "several", Means: "several", Program: "bound-unused/leaky.c",
				Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
					return leak.AnswerOf(len(g.Sockets) >= c.Settings.Several)
				}},
			accumulate("bound-unused/leaky.c"),
		},
		Proofs: []leak.Proof{atLeast(many, "more than any program has a use for", "bound-unused/leaky.c"), accumulate("bound-unused/leaky.c")},
		Say: func(_ *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Watched = ""
			f.Summary = fmt.Sprintf("holds %s that are bound and unused", words.Plural(len(g.Sockets), "TCP socket"))
			f.Evidence = append(f.Evidence, fmt.Sprintf("bound (the first to %s), neither listening nor connected", g.Sockets[0].Local))
		},
	}
}
