//go:build linux

package proc

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// The row's columns are those of a kernel on a machine whose bytes come in
// the order of amd64 and arm64.
func TestParseTCP(t *testing.T) {
	const row = "   0: 0100007F:1F90 0200A8C0:01BB 08 00000002:00000003 02:00000C80 00000009  1000        7 42 1 0000000000000000 20 4 30 10 -1"
	s := socket.Socket{Family: socket.IPv4}
	if why := parseTCP([]byte(row), &s); why != "" {
		t.Fatal(why)
	}
	got := []any{
		s.Local.String(), s.Remote.String(), s.State, s.SendQ, s.RecvQ, s.UID, s.Inode, s.Presence,
		s.Timer, s.Facts,
	}
	want := []any{
		"127.0.0.1:8080", "192.168.0.2:443", socket.CloseWait, uint32(2), uint32(3), uint32(1000), uint64(42), socket.InTable,
		// 0xC80 ticks; of a keepalive the probes count, not the retransmissions.
		socket.Timer{Kind: socket.Keepalive, Retries: 7, Expires: 32 * time.Second},
		socket.HasState | socket.HasAddrs | socket.HasQueues | socket.HasTimer,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	retransmitting := strings.Replace(row, " 02:", " 01:", 1)
	if why := parseTCP([]byte(retransmitting), &s); why != "" || s.Timer.Retries != 9 {
		t.Errorf("retransmitting: %+v, %q; want 9 retries", s.Timer, why)
	}
}

func TestParseAddrPort(t *testing.T) {
	for _, tc := range []struct {
		text   string
		family socket.Family
		want   string // "" for malformed
	}{
		{"00000000:0000", socket.IPv4, "0.0.0.0:0"},
		{"00000000000000000000000001000000:0016", socket.IPv6, "[::1]:22"},
		{"B80D0120000000000000000001000000:FFFF", socket.IPv6, "[2001:db8::1]:65535"},
		{"0000000000000000FFFF00000100007F:0050", socket.IPv6, "127.0.0.1:80"},
		{"0100007F:10000", socket.IPv4, ""},
		{"0100007F:", socket.IPv4, ""},
		{"0100007F", socket.IPv4, ""},
		{"100007F:0050", socket.IPv4, ""},
		{"0100007G:0050", socket.IPv4, ""},
		{"0100007F:0050", socket.IPv6, ""},
		{"", socket.IPv4, ""},
	} {
		got, ok := parseAddrPort([]byte(tc.text), tc.family)
		if ok != (tc.want != "") || (ok && got.String() != tc.want) {
			t.Errorf("%q: %v, %v; want %q", tc.text, got, ok, tc.want)
		}
	}
}

// A malformed row is an error with its place, never a row that is missing.
func TestMalformedRow(t *testing.T) {
	const header, good = "header\n", "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
	for name, bad := range map[string]string{
		"empty":       "\n",
		"few columns": "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n",
		"address":     strings.Replace(good, "0100007F", "0100007", 1),
		"remote":      strings.Replace(good, "00000000:0000 ", "00000000 ", 1),
		"state":       strings.Replace(good, " 0A ", " 10A ", 1),
		"queues":      strings.Replace(good, "00000000:00000000 00:", "00000000-00000000 00:", 1),
		"timer":       strings.Replace(good, " 00:00000000 ", " 07:00000000 ", 1),
		"uid":         strings.Replace(good, "    0        0 1 1", "    x        0 1 1", 1),
		"probes":      strings.Replace(good, "    0        0 1 1", "    0        - 1 1", 1),
		"inode":       strings.Replace(good, " 1 1\n", " -1 1\n", 1),
		"cut short":   strings.TrimSuffix(good, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if bad == good {
				t.Fatal("the row is not malformed")
			}
			dir := filepath.Join(t.TempDir(), "7/net")
			testkit.Must(os.MkdirAll(dir, 0o755))
			testkit.Must(os.WriteFile(filepath.Join(dir, "dev"), nil, 0o644))
			testkit.Must(os.WriteFile(filepath.Join(dir, "tcp"), []byte(header+good+bad), 0o644))
			testkit.Must(os.WriteFile(filepath.Join(dir, "../stat"), []byte("7 (a) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0\n"), 0o644))
			fs, err := New(filepath.Dir(filepath.Dir(dir)))
			testkit.Must(err)
			rows := 0
			err = fs.NetTCP(7, func(*socket.Socket) error { rows++; return nil })
			var parse *ParseError
			if !errors.As(err, &parse) || parse.Line != 3 || parse.Path != filepath.Join(dir, "tcp") || rows != 1 {
				t.Errorf("%d rows, error %v; want 1 and an error in line 3", rows, err)
			}
		})
	}
}

// An error of yield ends the reading and comes back.
func TestYieldStops(t *testing.T) {
	fs := live(t)
	tcpPair(t, "tcp4")
	stop := errors.New("enough")
	rows := 0
	err := fs.NetTCP(os.Getpid(), func(*socket.Socket) error { rows++; return stop })
	if !errors.Is(err, stop) || rows != 1 {
		t.Errorf("%d rows, %v; want 1 and the error of yield", rows, err)
	}
}
