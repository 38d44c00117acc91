package words

import (
	"slices"
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0ms", 340 * time.Millisecond: "340ms", 1250 * time.Millisecond: "1.2s", 59 * time.Second: "59s",
		90 * time.Second: "1m30s", time.Hour: "1h", 90 * time.Minute: "1h30m", 47 * time.Hour: "47h", 49 * time.Hour: "2d1h",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		n          int
		noun, want string
	}{
		{0, "socket", "0 sockets"}, {1, "socket", "1 socket"}, {2, "socket", "2 sockets"},
		{1, "process", "1 process"}, {3, "process", "3 processes"}, {2, "series", "2 series"}, {2, "switch", "2 switches"},
	} {
		if got := Plural(c.n, c.noun); got != c.want {
			t.Errorf("Plural(%d, %s) = %q, want %q", c.n, c.noun, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	text := "a line that is longer than twenty columns"
	if got, want := Wrap(text, 20), []string{"a line that is", "longer than twenty", "columns"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Wrap(text, 9); len(got) != 1 {
		t.Errorf("too narrow: %q", got)
	}
}
