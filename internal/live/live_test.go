package live

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// film plays looks, one a second: each is the number of sockets in CLOSE_WAIT
// and in ESTABLISHED.
func film(name string, looks ...[2]int) *Model {
	m := &Model{}
	h := track.NewHistory()
	id := socket.ProcessID{PID: 42, Start: 7}
	begin := time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	for i, counts := range looks {
		s := &socket.Snapshot{Taken: begin.Add(time.Duration(i) * time.Second), BootID: "b", OS: "linux",
			Namespaces: []socket.Namespace{{ID: 1, EphemeralLow: 32768, EphemeralHigh: 60999}},
			Processes:  []socket.Process{{ID: id, Name: name, Target: true, FDs: 20, FDLimit: 1024, Runtime: socket.Python, Idle: -1, Load: -1}}}
		for n := range counts[0] + counts[1] {
			state, cookie := socket.CloseWait, uint64(1+n)
			if n >= counts[0] {
				state, cookie = socket.Established, uint64(10_000+n-counts[0])
			}
			sock := &socket.Socket{NetNS: 1, Cookie: cookie, Inode: cookie, Family: socket.IPv4, Type: socket.Stream,
				Protocol: socket.TCP, State: state, Presence: socket.InTable,
				Facts:   socket.HasState | socket.HasAddrs | socket.HasQueues | socket.HasTCPInfo,
				Local:   netip.MustParseAddrPort("10.0.0.1:8080"),
				Remote:  netip.AddrPortFrom(netip.MustParseAddr("10.0.0.5"), uint16(33000+n)),
				Peer:    &socket.Peer{Gone: true},
				Holders: []socket.Holder{{Process: id, FD: int32(3 + n)}}}
			sock.TCP.LastAckRecv, sock.TCP.LastDataRecv = time.Minute, time.Minute
			s.Sockets = append(s.Sockets, sock)
		}
		socket.Sort(s.Sockets)
		h.Add(s)
		m.Add(report.New(h, rules.Judge(h, leak.Defaults())))
	}
	return m
}

func TestGolden(t *testing.T) {
	quiet := film("api", [2]int{0, 4})
	leaking := film("api", [2]int{0, 4}, [2]int{1, 4}, [2]int{3, 4}, [2]int{6, 4}, [2]int{9, 3})
	ended := film("api", [2]int{3, 0}, [2]int{3, 0}, [2]int{0, 0})
	blind := film("api", [2]int{0, 4})
	blind.Report.Snapshot.Gaps = []socket.Gap{{Where: "descriptors of pid 43", Why: "permission denied", Hint: "run as root", Count: 1, Blinds: true}}
	blind.Report.Hints = []string{"ignored by x: 1 finding"}
	every := Options{Width: 100, Height: 40, Every: time.Second}
	for name, lines := range map[string][]string{
		"first":   View(&Model{}, every),
		"quiet":   View(quiet, every),
		"leaking": View(leaking, every),
		"ended":   View(ended, every),
		"blind":   View(blind, every),
		"small":   View(leaking, Options{Width: 40, Height: 10, Every: time.Second}),
		"ascii":   View(leaking, Options{Width: 100, Height: 9, ASCII: true, Every: time.Second}),
		"color":   View(leaking, Options{Width: 50, Height: 12, Color: true, Every: time.Second}),
		"line":    {Line(quiet), Line(leaking), Line(ended)},
	} {
		golden(t, name, strings.ReplaceAll(strings.Join(lines, "\n")+"\n", "\x1b", "ESC"))
	}
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

// TestViewFits: whatever the terminal, the page is not larger, and the names
// of other processes cannot write to it.
func TestViewFits(t *testing.T) {
	m := film("\x1b]0;x\x07evil\n", [2]int{0, 4}, [2]int{300, 4}, [2]int{20, 1000})
	m.Report.Findings = append(m.Report.Findings, m.Report.Findings...)
	for width := 1; width < 130; width += 7 {
		for height := 1; height < 50; height++ {
			for _, color := range []bool{false, true} {
				lines := View(m, Options{Width: width, Height: height, Color: color, Every: time.Second})
				if len(lines) > height {
					t.Fatalf("%d lines on %d", len(lines), height)
				}
				for _, line := range lines {
					if bad := misfit(line, width); bad != "" {
						t.Fatalf("%dx%d: %s: %q", width, height, bad, line)
					}
				}
			}
		}
	}
}

// misfit says what is wrong with a line.
func misfit(line string, width int) string {
	if last := strings.LastIndex(line, "\x1b["); last >= 0 && !strings.HasPrefix(line[last:], "\x1b[0m") {
		return "the colour goes on"
	}
	for _, sgr := range []string{"0", "1", "2", "1;31", "32", "33", "36"} {
		line = strings.ReplaceAll(line, "\x1b["+sgr+"m", "")
	}
	switch n := utf8.RuneCountInString(line); {
	case n > width:
		return fmt.Sprintf("%d columns", n)
	case strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "a control character"
	}
	return ""
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		line  string
		width int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"▁▂▃▄", 2, "▁▂"}, {"", 3, ""},
		{"\x1b[1;31mleak\x1b[0m: x", 2, "\x1b[1;31mle\x1b[0m"},
		{"\x1b[1;31mleak\x1b[0m: x", 4, "\x1b[1;31mleak\x1b[0m"},
		{"\x1b[1;31mleak\x1b[0m: x", 5, "\x1b[1;31mleak\x1b[0m:"},
	} {
		if got := cut(c.line, c.width); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.line, c.width, got, c.want)
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
		if got := spark(c.series, c.width, false); got != c.want {
			t.Errorf("%v: %q, want %q", c.series, got, c.want)
		}
	}
}

// TestModelIsBounded: a watch of days keeps what a page can show.
func TestModelIsBounded(t *testing.T) {
	var looks [][2]int
	for i := range 2 * maxLooks {
		looks = append(looks, [2]int{3 * (i % 2), 1})
	}
	m := film("api", looks...)
	if len(m.Events) != maxEvents || m.Fresh != 1 {
		t.Errorf("%d events, %d of them new", len(m.Events), m.Fresh)
	}
	for s, series := range m.States {
		if len(series) != maxLooks {
			t.Errorf("%s: %d values", s, len(series))
		}
	}
	calm := film("api", append([][2]int{{2, 1}}, make([][2]int, maxLooks)...)...)
	if len(calm.States) != 0 {
		t.Errorf("states that are over stay: %v", calm.States)
	}
}

// TestEvents: what came and what went are told apart, and once.
func TestEvents(t *testing.T) {
	m := film("api", [2]int{3, 0}, [2]int{4, 0}, [2]int{0, 0}, [2]int{0, 0})
	var got []string
	for _, e := range m.Events {
		got = append(got, fmt.Sprint(e.At.Second(), " ", e.word(), " ", strings.SplitN(e.Text, " ", 2)[0]))
	}
	want := []string{"0 new leak[close-wait-eof-read]", "2 ended leak[close-wait-eof-read]"}
	if d := cmp.Diff(want, got); d != "" || m.Fresh != 0 {
		t.Errorf("%s; fresh %d", d, m.Fresh)
	}
}
