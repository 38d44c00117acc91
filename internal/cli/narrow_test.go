package cli

import (
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func TestNarrowFlags(t *testing.T) {
	f := narrowFlags{minAge: time.Minute, states: []string{"close-wait", "ESTABLISHED", " Fin_Wait2"},
		peers: []string{"10.0.0.5", "[::1]:80"}, ignores: []string{"close-wait-*", "slow-leak@10.0.0.0/8:5432"}}
	var got leak.Filter
	if err := f.narrow(&got); err != nil {
		t.Fatal(err)
	}
	if want := socket.StateSet(socket.CloseWait, socket.Established, socket.FinWait2); got.States != want {
		t.Errorf("states %b, want %b", got.States, want)
	}
	if got.MinAge != time.Minute || len(got.Peers) != 2 || len(got.Ignores) != 2 {
		t.Errorf("%+v", got)
	}
	if i := got.Ignores[1]; i.Rule != "slow-leak" || i.Peer.String() != "10.0.0.0/8:5432" || i.From != "--ignore slow-leak@10.0.0.0/8:5432" {
		t.Errorf("%+v", i)
	}
}

func TestNarrowFlagsRefuse(t *testing.T) {
	for name, f := range map[string]narrowFlags{
		"state":          {states: []string{"closed_wait"}},
		"peer":           {peers: []string{"db.example"}},
		"no rule":        {ignores: []string{"close-wait-eof-raed"}},
		"empty rule":     {ignores: []string{"@10.0.0.5"}},
		"bad pattern":    {ignores: []string{"[a"}},
		"peer of ignore": {ignores: []string{"slow-leak@db"}},
	} {
		if err := f.narrow(new(leak.Filter)); codeOf(err) != exitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}
