package live

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/socket"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	quiet := film("api", [2]int{0, 4})
	leaking := film("api", [2]int{0, 4}, [2]int{1, 4}, [2]int{3, 4}, [2]int{6, 4}, [2]int{9, 3})
	ended := film("api", [2]int{3, 0}, [2]int{3, 0}, [2]int{0, 0})
	restart := film("api", [2]int{3, 1}, gone, gone)
	blind := film("api", [2]int{0, 4})
	blind.Report.Snapshot.Gaps = []socket.Gap{{Where: "descriptors of pid 43", Why: "permission denied", Hint: "run as root", Count: 1, Blinds: true}}
	blind.Report.Hints = []string{"ignored by x: 1 finding"}
	first := NewModel(Options{}, Style{}, 60, 8)
	for name, text := range map[string]string{
		"first":    first.View(),
		"quiet":    see(quiet, Style{}, 100, 24),
		"leaking":  see(leaking, Style{}, 100, 30),
		"ended":    see(ended, Style{}, 100, 24),
		"restart":  see(restart, Style{}, 100, 24),
		"blind":    see(blind, Style{}, 100, 24),
		"small":    see(leaking, Style{}, 40, 10),
		"wide":     see(leaking, Style{}, 220, 30),
		"ascii":    see(leaking, Style{ASCII: true}, 80, 24),
		"color":    see(leaking, Style{Color: true}, 60, 16),
		"light":    see(quiet, Style{Color: true, Light: true}, 60, 16),
		"finding":  see(leaking, Style{}, 100, 40, "enter"),
		"sockets":  see(leaking, Style{}, 100, 24, "G", "enter", "s"),
		"socket":   see(leaking, Style{}, 100, 30, "enter", "enter"),
		"narrow":   see(leaking, Style{}, 40, 30, "enter", "enter"),
		"help":     see(leaking, Style{}, 80, 40, "?"),
		"copy":     see(leaking, Style{}, 100, 30, "enter", "enter", "c"),
		"explain":  see(leaking, Style{}, 60, 16, "e"),
		"filter":   see(leaking, Style{}, 100, 24, "G", "enter", "/", "3", "3", "0", "0", "1"),
		"paused":   see(leaking, Style{}, 100, 24, "space"),
		"machine":  see(host(30), Style{}, 100, 30),
		"process":  see(host(30), Style{}, 100, 24, "enter"),
		"filtered": see(host(30), Style{}, 100, 24, "/", "w", "o", "r", "k", "enter", "s", "S"),
		"line":     Line(quiet) + "\n" + Line(leaking) + "\n" + Line(ended) + "\n" + Line(restart),
	} {
		golden(t, name, strings.ReplaceAll(text+"\n", "\x1b", "ESC"))
	}
}

func see(s *Sample, style Style, width, height int, keys ...string) string {
	m := shown(s, style, width, height, keys...)
	return m.View()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s changed (-want +got); if that is right, run go test ./internal/live -update:\n%s", name, d)
	}
}

// TestViewFits: whatever the terminal and the page, the screen is exactly filled,
// and the names of other processes cannot write to it.
func TestViewFits(t *testing.T) {
	evil := "\x1b]0;x\x07evil\n\u202e世界"
	sample := film(evil, [2]int{0, 4}, [2]int{60, 4}, [2]int{20, 100})
	ways := [][]string{nil, {"enter"}, {"enter", "enter"}, {"G", "enter", "/", "世", "x"}, {"?"}, {"e"}, {"c"}, {"space"}, {"enter", "G", "k", "k"}}
	for width := 1; width < 310; width += 1 + width/4 {
		for height := 1; height < 110; height += 1 + height/4 {
			for i, keys := range ways {
				style := Style{Color: i%2 == 0, ASCII: i%3 == 0}
				m := shown(sample, style, width, height, keys...)
				lines := strings.Split(m.View(), "\n")
				if len(lines) != height {
					t.Fatalf("%dx%d %v: %d lines", width, height, keys, len(lines))
				}
				for _, line := range lines {
					if bad := misfit(line, width, style.ASCII); bad != "" {
						t.Fatalf("%dx%d %v: %s: %q", width, height, keys, bad, line)
					}
				}
			}
		}
	}
}

// misfit says what is wrong with a line.
func misfit(line string, width int, ascii bool) string {
	if last := strings.LastIndex(line, "\x1b["); last >= 0 && !strings.HasPrefix(line[last:], "\x1b[0m") {
		return "the colour goes on"
	}
	for _, sgr := range []string{"0", "1", "2", "7", "1;31", "32", "33", "36"} {
		line = strings.ReplaceAll(line, "\x1b["+sgr+"m", "")
	}
	switch n := ansi.StringWidth(line); {
	case n > width:
		return fmt.Sprintf("%d columns", n)
	case strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u202e' }):
		return "a control character"
	case ascii && strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }):
		return "not ASCII"
	}
	return ""
}

// TestWorstIsThere: on every screen from 40x10 on the worst finding is to be
// seen, whole, and every key is in the footer.
func TestWorstIsThere(t *testing.T) {
	sample := film("api", [2]int{0, 4}, [2]int{1, 4}, [2]int{3, 4}, [2]int{6, 4}, [2]int{9, 3})
	for width := 40; width <= 300; width += 13 {
		for height := 10; height <= 100; height += 9 {
			m := shown(sample, Style{}, width, height)
			lines := strings.Split(m.View(), "\n")
			var words []string
			for _, line := range lines {
				words = append(words, strings.Fields(strings.TrimLeft(line, "▌ "))...)
			}
			text := strings.Join(words, " ")
			for _, want := range []string{"leak: 9 sockets leaked", "close-wait-eof-read", "api (pid 42) holds 9 sockets that clients of port 8080 closed"} {
				if !strings.Contains(text, want) {
					t.Fatalf("%dx%d: %q is not there:\n%s", width, height, want, strings.Join(lines, "\n"))
				}
			}
			foot := strings.Join(lines[height-len(m.foot):], " ")
			for _, b := range bindings() {
				if b.word != "" && !strings.Contains(foot, m.keyName(&b)) {
					t.Fatalf("%dx%d: %s is not in the footer %q", width, height, b.word, foot)
				}
			}
		}
	}
}

func TestSpark(t *testing.T) {
	for _, c := range []struct {
		series []int
		width  int
		want   string
	}{
		{[]int{0, 1, 2, 4, 8}, 9, " ▁▂▄█"}, {[]int{0, 0}, 9, "  "}, {[]int{1, 1000}, 9, "▁█"},
		{[]int{1, 2, 3, 4}, 2, "▆█"}, {[]int{5}, 0, ""}, {[]int{5}, -3, ""}, {nil, 9, ""},
	} {
		if got := (Style{}).spark(c.series, c.width); got != c.want {
			t.Errorf("%v: %q, want %q", c.series, got, c.want)
		}
	}
}

// TestRecorderIsBounded: a watch of days keeps what a page can show.
func TestRecorderIsBounded(t *testing.T) {
	var samples [][2]int
	for range maxSamples {
		samples = append(samples, [2]int{3, 1}, gone)
	}
	s := film("api", samples...)
	if len(s.Events) != maxEvents || s.Fresh != 1 || len(s.Times) != maxSamples {
		t.Errorf("%d events, %d of them new, %d times", len(s.Events), s.Fresh, len(s.Times))
	}
	for _, c := range s.Charts {
		if len(c.Points) != maxSamples {
			t.Errorf("%s: %d values", c.Name, len(c.Points))
		}
	}
	calm := film("api", append([][2]int{{2, 1}}, make([][2]int, maxSamples)...)...)
	for _, c := range calm.Charts {
		if c.Name == socket.CloseWait.String() {
			t.Errorf("a state that is over stays: %v", c)
		}
	}
}

// TestEvents: what comes, grows and goes is told apart, and once.
func TestEvents(t *testing.T) {
	s := film("api", [2]int{3, 0}, [2]int{4, 0}, [2]int{6, 0}, [2]int{0, 0}, gone, gone, [2]int{0, 1})
	var got []string
	for _, e := range s.Events {
		got = append(got, fmt.Sprint(e.At.Second(), " ", e.Kind, " ", strings.Join(strings.Fields(e.Text)[:4], " ")))
	}
	want := []string{"0 new leak[close-wait-eof-read] api (pid 42)", "2 grew from 3 to 6:", "3 ended leak[close-wait-eof-read] api (pid 42)",
		`4 waiting no running process matches`}
	if d := cmp.Diff(want, got); d != "" || s.Fresh != 0 || s.Missing != "" {
		t.Errorf("%s; fresh %d, missing %q", d, s.Fresh, s.Missing)
	}
}

// TestPassages: the states that a socket has been in are remembered, each once.
func TestPassages(t *testing.T) {
	var l lives
	states := []socket.State{socket.Established, socket.Established, socket.CloseWait, socket.LastAck}
	for i, state := range states {
		snap := film("api", [2]int{1, 0}).Report.Snapshot
		snap.Taken = snap.Taken.Add(time.Duration(i) * time.Second)
		snap.Sockets[0].State = state
		l.add(snap)
	}
	var got []socket.State
	for _, p := range l.passages(socket.ID{NetNS: 1, Cookie: 1}) {
		got = append(got, p.State)
	}
	if !slices.Equal(got, []socket.State{socket.Established, socket.CloseWait, socket.LastAck}) {
		t.Errorf("%v", got)
	}
}

// TestScrollingIsCheap: a screen of 20,000 sockets is drawn, and scrolled, as
// one of 200 is.
func TestScrollingIsCheap(t *testing.T) {
	cost := func(n int) float64 {
		m := shown(film("api", [2]int{0, n}), Style{}, 120, 40, "G", "enter", "pgdown")
		return testing.AllocsPerRun(10, func() {
			m, _ = m.Update(Key("j"))
			_ = m.View()
		})
	}
	if few, many := cost(200), cost(20_000); many > 1.2*few {
		t.Errorf("a key costs %.0f allocations with 200 sockets, and %.0f with 20,000", few, many)
	}
}
