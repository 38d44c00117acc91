package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

// alsoHeld names another process that holds the finding's sockets: closing
// them in the process of the finding alone does not end the connections. It is
// "" when none does.
func (c *Case) alsoHeld(f *Finding) string {
	if f.Process.PID == 0 {
		return ""
	}
	var first *socket.Holder
	seen := map[socket.ProcessID]bool{}
	for _, s := range f.Sockets {
		for i := range s.Holders {
			h := &s.Holders[i]
			if h.Process == f.Process {
				continue
			}
			if first == nil {
				first = h
			}
			seen[h.Process] = true
		}
	}
	if first == nil {
		return ""
	}
	text := "also held by " + c.holderName([]socket.Holder{*first})
	if more := len(seen) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
