package report

import (
	"fmt"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// nextCommand is a command that can be copied and says more of a finding: what
// opens the sockets where they go on coming, else the sockets one by one; "" where
// none helps.
func nextCommand(r *Report, f *leak.Finding) string {
	if len(f.Sockets) == 0 {
		return ""
	}
	state, one := f.Sockets[0].State, f.Sockets[0].IsTCP()
	for _, s := range f.Sockets {
		one = one && s.State == state && s.Has(socket.HasState)
	}
	pid := f.Process.PID
	switch {
	case pid == 0 && one:
		text := "ss -tan state " + ssState(state)
		if f.Remote.IsValid() {
			text += fmt.Sprintf(" dst '%s'", peerName(f.Remote))
		}
		return text
	case pid == 0:
		return ""
	case f.Level == leak.Leak && f.Trend.Growing && !r.Traced:
		return fmt.Sprintf("sockleak trace %d", pid)
	}
	text := fmt.Sprintf("sockleak ls %d", pid)
	if one {
		text += " --state " + strings.ToLower(state.String())
	}
	if f.Remote.IsValid() {
		text += fmt.Sprintf(" --peer '%s'", f.Remote)
	}
	return text
}

// ssState spells a state as the filters of ss(8) do.
func ssState(s socket.State) string {
	name := strings.ToLower(strings.ReplaceAll(s.String(), "_", "-"))
	return strings.NewReplacer("wait1", "wait-1", "wait2", "wait-2").Replace(name)
}
