package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

func fdLimit() leak.Rule {
	return leak.Rule{
		ID: "fd-limit", Title: "the descriptor limit is near", Severity: leak.Note,
		Doc: leak.Doc{
			Means: "The process has almost as many descriptors open as RLIMIT_NOFILE allows. When the limit is reached, " +
				"accept(), socket() and open() fail with EMFILE.",
			Causes: "A leak of descriptors, of sockets or of files; or a load for which the limit is too small.",
			Evidence: "Open descriptors (/proc/PID/fd) are 80 % or more of the soft limit (Max open files in " +
				"/proc/PID/limits). With several samples, the time until it is reached at the present rate.",
			BlindSpot: "Which descriptors are to blame: the other findings say so where they are sockets; files, pipes and " +
				"eventfds are not judged. A server may use its limit on purpose: it is context, never more than a note.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "fix the leaks first; then raise the limit (ulimit -n, LimitNOFILE=) if the load needs it",
			socket.Python:         "fix the leaks first; then resource.setrlimit(RLIMIT_NOFILE, ...) or LimitNOFILE=; select.select() fails above 1023: use selectors",
			socket.Go:             "fix the leaks first: Go raises the soft limit to the hard one by itself; then LimitNOFILE=; bound dials with MaxConnsPerHost",
			socket.Node:           "fix the leaks first; then LimitNOFILE=; bound sockets with http.Agent({maxSockets}) and server.maxConnections",
			socket.Java:           "fix the leaks first; then LimitNOFILE=: the JVM raises the soft limit to the hard one by itself (-XX:+MaxFDLimit)",
			socket.Native:         "fix the leaks first; then setrlimit(RLIMIT_NOFILE) or LimitNOFILE=; select() is undefined above FD_SETSIZE (1024): use poll()",
		}},
		Check: checkLimit,
	}
}

// limitShare is the share of the limit from which on it is called near.
const limitShare = 0.8

func checkLimit(c *leak.Case) []leak.Finding {
	var out []leak.Finding
	for i := range c.Now().Processes {
		p := &c.Now().Processes[i]
		if !p.Target || p.FDs < 0 || p.FDLimit == 0 || float64(p.FDs) < limitShare*float64(p.FDLimit) {
			continue
		}
		f := leak.Finding{Level: leak.Note, Process: p.ID,
			Summary: fmt.Sprintf("has %d of %d descriptors open", p.FDs, p.FDLimit)}
		if p.SocketFDs >= 0 {
			f.Evidence = append(f.Evidence, fmt.Sprintf("%d of them are sockets", p.SocketFDs))
		}
		if k := c.Process(p.ID); k != nil {
			f.Trend = track.GrowthOf(k.FDs)
			if left, ok := leak.TimeLeft(f.Trend, p.FDs, p.FDLimit); ok {
				f.Matters = fmt.Sprintf("at this rate the limit is reached in %s", words.Span(left))
			}
		}
		out = append(out, f)
	}
	return out
}
