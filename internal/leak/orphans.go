package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func orphans() Rule {
	return Rule{
		ID: "orphans", Title: "closed connections that their peers do not let go", Severity: Suspect,
		Doc: Doc{Means: "The program has closed these connections, but the kernel still holds them: data is not acknowledged, or the peer does not close. They take memory (tcp_max_orphans), not descriptors."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "read what the peer sends before closing, send less than the peer reads, and set TCP_USER_TIMEOUT or SO_LINGER where peers vanish",
		},
		Check: checkOrphans,
	}
}

// The numbers of orphans from which on they are mentioned and suspected.
const (
	someOrphans = 8
	manyOrphans = 64
)

func checkOrphans(c *Case) []Finding {
	var out []Finding
	for _, ns := range c.Now().Namespaces {
		for _, o := range ns.Ownerless {
			if o.State == socket.TimeWait || o.Count < someOrphans {
				continue
			}
			f := Finding{Level: Note, Process: c.ownerOf(ns.ID, o),
				Summary:  fmt.Sprintf("%d closed connections to %s linger in %s", o.Count, o.Remote, o.State),
				Evidence: []string{"no program holds them; the kernel waits for the peer"}}
			if o.Count >= manyOrphans && o.State != socket.FinWait2 {
				f.Level = Suspect
			}
			if o.Local.Port() != 0 {
				f.Local = o.Local
				f.Summary = fmt.Sprintf("%d closed connections on port %d linger in %s", o.Count, o.Local.Port(), o.State)
			} else {
				f.Remote = o.Remote
			}
			out = append(out, f)
		}
	}
	return out
}
