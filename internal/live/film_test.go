package live

import (
	"net/netip"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// film plays samples, one a second, and returns the last: each is the number of
// sockets in CLOSE_WAIT and in ESTABLISHED. One of none at all is a sample in
// which the process is gone.
func film(name string, samples ...[2]int) *Sample {
	r := NewRecorder(false)
	h := track.NewHistory()
	begin := time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	var s *Sample
	for i, counts := range samples {
		at := begin.Add(time.Duration(i) * time.Second)
		if counts == gone {
			s = r.Lost(at, `no running process matches the name "api"`)
			continue
		}
		h.Add(frame(name, at, counts))
		s = r.Add(report.Of(h.Now(), h, rules.Judge(h, leak.Defaults())), socket.ID{NetNS: 1, Cookie: 1})
	}
	return s
}

// gone is a sample without the process.
var gone = [2]int{-1, -1}

// frame is one snapshot.
func frame(name string, at time.Time, counts [2]int) *socket.Snapshot {
	id := socket.ProcessID{PID: 42, Start: 7}
	s := &socket.Snapshot{Taken: at, BootID: "b", OS: "linux",
		Namespaces: []socket.Namespace{{ID: 1, EphemeralLow: 32768, EphemeralHigh: 60999}},
		Processes: []socket.Process{{ID: id, Name: name, Args: []string{"/usr/bin/" + name, "--token", "x1y2z3", "serve"}, Target: true,
			FDs: 20 + counts[0], FDLimit: 1024, Runtime: socket.Python, Idle: -1, Load: -1}}}
	for n := range counts[0] + counts[1] {
		state, cookie := socket.CloseWait, uint64(1+n)
		if n >= counts[0] {
			state, cookie = socket.Established, uint64(100_000+n-counts[0])
		}
		sock := &socket.Socket{NetNS: 1, Cookie: cookie, Inode: cookie, Family: socket.IPv4, Type: socket.Stream,
			Protocol: socket.TCP, State: state, Presence: socket.InTable,
			Facts:   socket.HasState | socket.HasAddrs | socket.HasQueues | socket.HasTCPInfo,
			Local:   netip.MustParseAddrPort("10.0.0.1:8080"),
			Remote:  netip.AddrPortFrom(netip.MustParseAddr("10.0.0.5"), uint16(33000+n)),
			Peer:    &socket.Peer{Gone: true},
			Holders: []socket.Holder{{Process: id, FD: int32(3 + n)}}}
		sock.TCP.LastAckRecv, sock.TCP.LastDataRecv = time.Minute, time.Minute
		if n == 0 {
			sock.Watch = &socket.Watch{Waiters: []socket.Waiter{{Kind: socket.ThreadWaiter, Process: id, ID: 43, Name: "worker", Call: "recvfrom",
				For: 5 * time.Second, TimeoutKnown: true, Frames: []socket.Frame{{Function: "recv", Module: "libc.so.6"},
					{Function: "handle", File: "/srv/api/server.py", Line: 17, Own: true}}}}}
		}
		s.Sockets = append(s.Sockets, sock)
	}
	socket.Sort(s.Sockets)
	return s
}

// host is a sample of a machine with many processes.
func host(n int) *Sample {
	r, h := NewRecorder(true), track.NewHistory()
	s := frame("api", time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC), [2]int{5, 2})
	for i := range n {
		id := socket.ProcessID{PID: 100 + i, Start: 9}
		s.Processes = append(s.Processes, socket.Process{ID: id, Name: "worker", Args: []string{"worker"}, Target: true, FDs: 5 + i, Idle: -1, Load: -1})
	}
	h.Add(s)
	return r.Add(report.Of(h.Now(), h, rules.Judge(h, leak.Defaults())))
}

// shown is a model that shows a sample.
func shown(s *Sample, style Style, width, height int, keys ...string) Model {
	m := NewModel(Options{Target: "--name api", Everything: strings.Contains(s.Verdict, "processes"),
		Explain: func(rule string, width int) []string {
			return []string{rule, "what it means: " + strings.Repeat("word ", 40)}
		}}, style, width, height)
	m, _ = m.Update(s)
	for _, k := range keys {
		m, _ = m.Update(Key(k))
	}
	return m
}
