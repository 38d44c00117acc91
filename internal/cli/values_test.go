package cli

import (
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/settings"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30d": 30 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "0": 0,
		"": -1, "d": -1, "-1d": -1, "-5m": -1, "1.5d": -1, "99999d": -1, "soon": -1, "10": -1, "1d12h": 36 * time.Hour, "1w1d": 8 * 24 * time.Hour, "12h1d": -1,
	} {
		got, err := settings.ParseDuration(text)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "500": 500, "500K": 500 << 10, "2g": 2 << 30, "1T": 1 << 40,
		"": -1, "K": -1, "-1": -1, "1.5G": -1, "9999999999T": -1, "1KK": -1,
	} {
		var s size
		err := s.Set(text)
		if (err != nil) != (want < 0) || err == nil && int64(s) != want {
			t.Errorf("%q: %d, %v", text, s, err)
		}
	}
}

// A grace period of the user's own scales the time that proof takes, and the
// numbers are large: nanoseconds times nanoseconds.
func TestCheckScalesProof(t *testing.T) {
	for _, grace := range []time.Duration{500 * time.Millisecond, 5 * time.Second, time.Hour} {
		o := checkOptions{grace: grace, args: []string{"true"}}
		o.judgement.settings = leak.Defaults()
		if got, want := o.settings(), 6*grace; got.Proof != want || got.Grace != grace {
			t.Errorf("grace %s: proof takes %s, want %s", grace, got.Proof, want)
		}
	}
}
