//go:build linux

package enrich

import "github.com/sockleak/sockleak/internal/socket"

// addGap notes what could not be found out about sockets of the snapshot. Where
// more is asked in several rounds, each gap is noted once, with its largest count.
func addGap(snap *socket.Snapshot, g socket.Gap) {
	for i := range snap.Gaps {
		if have := &snap.Gaps[i]; have.Where == g.Where && have.Why == g.Why {
			have.Count = max(have.Count, g.Count)
			return
		}
	}
	snap.Gaps = append(snap.Gaps, g)
}
