package live

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// place tells findings apart from sample to sample, while their words change.
type place struct {
	rule          string
	process       socket.ProcessID
	local, remote netip.AddrPort
	proto         string
}

func placeOf(f *leak.Finding) place {
	p := place{rule: f.Rule, process: f.Process, local: f.Local, remote: f.Remote}
	if len(f.Sockets) > 0 {
		p.proto = f.Sockets[0].Proto()
	} else if f.Location != nil {
		p.proto = fmt.Sprint(*f.Location) // an expired ignore has nothing else
	}
	return p
}

// sortedPlaces puts places into a total order.
func sortedPlaces[V any](m map[place]V) []place {
	return slices.SortedFunc(maps.Keys(m), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.process.PID, b.process.PID), cmp.Compare(a.process.Start, b.process.Start),
			cmp.Compare(a.rule, b.rule), a.local.Compare(b.local), a.remote.Compare(b.remote), cmp.Compare(a.proto, b.proto))
	})
}
