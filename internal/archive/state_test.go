package archive

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// snapshot has a process with n sockets in CLOSE_WAIT.
func snapshot(at time.Time, boot string, n int) *socket.Snapshot {
	id := socket.ProcessID{PID: 42, Start: 7}
	s := &socket.Snapshot{Taken: at, BootID: boot, Host: "h", OS: "linux", Processes: []socket.Process{{
		ID: id, Name: "api", Started: noon.Add(-time.Hour), FDs: n + 3, FDLimit: 1024, Target: true}}}
	for i := range n {
		s.Sockets = append(s.Sockets, &socket.Socket{NetNS: 1, Cookie: uint64(i + 1), Family: socket.IPv4,
			Protocol: socket.TCP, State: socket.CloseWait, Facts: socket.HasState, Presence: socket.InTable,
			Remote: netip.MustParseAddrPort("10.0.0.5:5432"), Holders: []socket.Holder{{Process: id, FD: int32(i + 3)}}})
	}
	return s
}

// record is one run, as the command does it.
func record(t testing.TB, w *Writer, s *socket.Snapshot) *track.History {
	t.Helper()
	m, _, err := w.State()
	if err != nil {
		t.Fatal(err)
	}
	h := track.Resume(m)
	h.Add(s)
	r := report.Of(h.Now(), h, []leak.Finding{{Rule: "close-wait-eof-read", Level: leak.Leak, Process: s.Processes[0].ID,
		Remote: s.Sockets[0].Remote, Sockets: s.Sockets}})
	write(t, w, report.NewDocument(r))
	if err := w.SaveState(h.Memory()); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestStateAcrossRuns(t *testing.T) {
	for name, damage := range map[string]func(state string) error{
		"kept":      func(string) error { return nil },
		"missing":   os.Remove,
		"truncated": func(f string) error { return os.Truncate(f, 100) },
		"empty":     func(f string) error { return os.Truncate(f, 0) },
		"newer":     func(f string) error { return os.WriteFile(f, []byte(`{"version":99}`), 0o600) },
		"other types": func(f string) error {
			return os.WriteFile(f, []byte(`{"version":1,"sockets":"none"}`), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			w := lock(t, open(t, path), "h")
			const runs = 12
			for i := range runs {
				record(t, w, snapshot(noon.Add(time.Duration(i)*5*time.Minute), "boot-1", i+2))
			}
			if err := damage(filepath.Join(path, stateName("h"))); err != nil {
				t.Fatal(err)
			}
			_, why, err := w.State()
			if err != nil || (why == nil) != (name == "kept") {
				t.Errorf("rebuilt because %v, %v", why, err)
			}
			h := record(t, w, snapshot(noon.Add(runs*5*time.Minute), "boot-1", runs+2))
			s := h.Now().Sockets
			for i, want := range map[int]time.Duration{0: 60 * time.Minute, 1: 60 * time.Minute, 4: 45 * time.Minute, runs + 1: 0} {
				if got := h.Age(s[i]).AtLeast; got > want || got < want-2*time.Millisecond {
					t.Errorf("socket %d is %s old, want %s", i, got, want)
				}
			}
			if !track.GrowthOf(h.Process(socket.ProcessID{PID: 42, Start: 7}).FDs).Growing {
				t.Error("growth of the descriptors is lost")
			}
			if h = record(t, w, snapshot(noon.Add(2*time.Hour), "boot-2", 2)); h.Age(h.Now().Sockets[0]).AtLeast != 0 {
				t.Error("ages survive a reboot")
			}
		})
	}
}

func TestFirstRunHasNoState(t *testing.T) {
	m, why, err := lock(t, open(t, t.TempDir()), "h").State()
	if m != nil || why != nil || err != nil {
		t.Errorf("got %v, %v, %v", m, why, err)
	}
}

func TestStateIsNotWrittenThroughASymlink(t *testing.T) {
	path := t.TempDir()
	if err := os.Symlink("precious", filepath.Join(path, stateName("h"))); err != nil {
		t.Fatal(err)
	}
	w := lock(t, open(t, path), "h")
	err := w.SaveState(&track.Memory{Version: track.MemoryVersion})
	if err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
	if _, why, _ := w.State(); why == nil {
		t.Error("read a state through a symlink")
	}
}
