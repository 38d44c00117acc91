package check

import (
	"cmp"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// Baseline returns entries that accept the findings of level suspect and leak,
// each with as many sockets as it has now, and with the reasons and dates that
// old gives for them. clean makes text from other processes safe to print.
func Baseline(findings []leak.Finding, s *socket.Snapshot, old []leak.Ignore, clean func(string) string) []leak.Ignore {
	var list []leak.Ignore
	at := map[string]int{} // findings with one fingerprint are one matter
	for i := range findings {
		f := &findings[i]
		if f.Level < leak.Suspect || f.Rule == leak.ExpiredIgnore().ID {
			continue
		}
		p := s.Process(f.Process)
		for _, part := range f.Parts(p) {
			if j, ok := at[part.Fingerprint]; ok {
				list[j].Sockets += part.Sockets
				continue
			}
			entry := leak.Ignore{Rule: f.Rule, Fingerprint: part.Fingerprint, Sockets: max(1, part.Sockets), Summary: clean(f.Summary)}
			if p != nil && clean(p.Name) == p.Name {
				entry.Process = p.Name
			}
			if was := slices.IndexFunc(old, func(i leak.Ignore) bool { return leak.SameFinding(i.Fingerprint, part.Fingerprint) }); was >= 0 {
				entry.Reason, entry.Until = old[was].Reason, old[was].Until
			}
			at[part.Fingerprint] = len(list)
			list = append(list, entry)
		}
	}
	slices.SortFunc(list, func(a, b leak.Ignore) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Process, b.Process), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return list
}
