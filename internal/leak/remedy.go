package leak

import (
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Remedy holds what to change. An accepted connection needs other advice than
// a pool's, and who runs a program that somebody else has written can change
// its settings, not its code.
type Remedy struct {
	Any      Advice // the entry for RuntimeUnknown must be there
	Accepted Advice // instead, for connections that the program accepted
	Operator string // for a packaged native program: what whoever runs it can do
}

// Advice is what to change in the code, by runtime.
type Advice map[socket.Runtime]string

// For returns the advice for sockets that p holds, which may be nil, in the
// given role.
func (r Remedy) For(p *socket.Process, role track.Role) string {
	rt := socket.RuntimeUnknown
	if p != nil {
		rt = p.Runtime
		if r.Operator != "" && packaged(p) {
			return r.Operator
		}
	}
	if role == track.Accepted {
		if s, ok := r.Accepted[rt]; ok {
			return s
		}
		if s, ok := r.Accepted[socket.RuntimeUnknown]; ok && r.Any[rt] == "" {
			return s
		}
	}
	if s, ok := r.Any[rt]; ok {
		return s
	}
	return r.Any[socket.RuntimeUnknown]
}

// packaged reports whether the program is one that a package manager has
// installed and that runs natively: nginx, haproxy, postgres. Whoever reads
// the finding can change its settings rather than its code.
func packaged(p *socket.Process) bool {
	if p.Runtime != socket.Native {
		return false
	}
	for _, dir := range []string{"/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/libexec/", "/sbin/", "/bin/"} {
		if strings.HasPrefix(p.Exe, dir) {
			return true
		}
	}
	return false
}
