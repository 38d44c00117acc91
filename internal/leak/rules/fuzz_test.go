package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// FuzzJudge judges snapshots of anything: facts that are missing, holders
// that do not exist, times that are zero or run backwards.
func FuzzJudge(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, uint8(seed%13))
	}
	f.Fuzz(func(t *testing.T, seed uint64, looks uint8) {
		w := world{rand.New(rand.NewPCG(seed, 1))}
		h := track.NewHistory()
		for range looks%16 + 1 {
			h.Add(w.snapshot())
		}
		set := leak.Settings{Grace: w.duration(), Proof: w.duration(), Silence: w.duration(), Several: w.IntN(5)}
		if w.IntN(2) == 0 {
			set = leak.Defaults()
		}
		found := Judge(h, set)
		checkFindings(t, h, found)
		patient := All() // who asks on where there is no hope finds the same
		for i := range patient {
			patient[i].Hopeless = nil
		}
		if all := leak.Judge(patient, h, set); !reflect.DeepEqual(all, found) {
			t.Errorf("found %+v, and without Hopeless %+v", found, all)
		}
	})
}

// explainsAgain are the rules about something else than single sockets: what
// they count may have been explained by another rule.
var explainsAgain = []string{"duplicate-descriptors", "port-pressure"}

// checkFindings checks what holds for every verdict.
func checkFindings(t *testing.T, h *track.History, all []leak.Finding) {
	t.Helper()
	known := map[*socket.Socket]bool{}
	for _, s := range h.Now().Sockets {
		known[s] = true
	}
	explained := map[*socket.Socket]string{}
	for i := range all {
		f := &all[i]
		r, ok := ByID(f.Rule)
		if !ok || f.Level < leak.Note || f.Level > r.Severity {
			t.Errorf("%s: level %s is above the severity of the rule", f.Rule, f.Level)
		}
		if f.Summary == "" || f.Fix == "" {
			t.Errorf("%s: no summary or no fix", f.Rule)
		}
		if f.Age.AtLeast < 0 {
			t.Errorf("%s: the age is %s", f.Rule, f.Age.AtLeast)
		}
		if f.Process != (socket.ProcessID{}) && h.Now().Process(f.Process) == nil {
			t.Errorf("%s: accuses a process that is not there: %v", f.Rule, f.Process)
		}
		f.Fingerprint(h.Now().Process(f.Process))
		for _, s := range f.Sockets {
			if !known[s] {
				t.Errorf("%s: a socket that is not in the snapshot", f.Rule)
			}
			if f.Level >= leak.Suspect && !slices.Contains(explainsAgain, f.Rule) {
				if by := explained[s]; by != "" {
					t.Errorf("a socket is explained by %s and by %s", by, f.Rule)
				}
				explained[s] = f.Rule
			}
		}
	}
}

// world makes snapshots up. Small pools of values make things meet.
type world struct{ *rand.Rand }

func pick[T any](w world, list ...T) T { return list[w.IntN(len(list))] }

func (w world) duration() time.Duration {
	return pick(w, 0, -sec, msec, 5*sec, 10*sec, 30*sec, 16*time.Minute, time.Duration(1<<62), time.Duration(w.Int64N(int64(time.Hour))))
}

func (w world) addr() netip.AddrPort {
	return pick(w, netip.AddrPort{}, db, port, addr("[::1]:8080"), netip.AddrPortFrom(port.Addr(), uint16(w.IntN(1<<16))))
}

func (w world) process() socket.ProcessID {
	return pick(w, socket.ProcessID{}, api, child, socket.ProcessID{PID: 42, Start: 8}, socket.ProcessID{PID: 9999})
}

func (w world) snapshot() *socket.Snapshot {
	s := snapshot(pick(w, time.Time{}, taken, taken.Add(w.duration())))
	if w.IntN(8) == 0 {
		s.Namespaces, s.Processes = nil, nil
	}
	for i := range s.Processes {
		p := &s.Processes[i]
		p.FDs, p.SocketFDs, p.Threads, p.Idle = w.IntN(2000)-1, w.IntN(5)-1, w.IntN(5), w.IntN(5)-1
		p.FDLimit = pick[uint64](w, 0, 1, 1024, 1<<63)
		p.Target, p.Parent, p.CPU = w.IntN(2) == 0, pick(w, 0, 42, 43), w.duration()
	}
	for range w.IntN(3) {
		ownerless(socket.State(w.IntN(14)), w.IntN(3000)-10, w.addr(), w.addr())(withNamespace(s))
	}
	for range w.IntN(60) {
		s.Sockets = append(s.Sockets, w.socket())
	}
	socket.Sort(s.Sockets)
	return s
}

func withNamespace(s *socket.Snapshot) *socket.Snapshot {
	if len(s.Namespaces) == 0 {
		s.Namespaces = []socket.Namespace{{}}
	}
	return s
}

func (w world) socket() *socket.Socket {
	s := &socket.Socket{NetNS: pick[uint64](w, 0, 1, 2), Cookie: uint64(w.IntN(40)), Inode: uint64(w.IntN(40)),
		Family: pick(w, socket.Unspec, socket.Unix, socket.IPv4, socket.IPv4, socket.IPv6, socket.Family(99)),
		Type:   socket.Type(w.IntN(6)), Protocol: pick(w, socket.TCP, socket.TCP, socket.MPTCP, socket.UDP, 0),
		State: socket.State(w.IntN(16)), Presence: socket.Presence(w.IntN(11)),
		Facts: socket.Facts(w.IntN(128)), Local: w.addr(), Remote: w.addr(),
		RecvQ: pick[uint32](w, 0, 0, 1, 25, 500, 1<<20, 1<<32-1), SendQ: pick[uint32](w, 0, 0, 1, 1<<32-1),
		Timer: socket.Timer{Kind: socket.TimerKind(w.IntN(6)), Retries: uint8(w.IntN(12)), Expires: w.duration()},
		TCP: socket.TCPInfo{LastDataSent: w.duration(), LastDataRecv: w.duration(), LastAckRecv: w.duration(),
			BytesSent: uint64(w.IntN(3)), BytesReceived: uint64(w.IntN(3)), Retransmits: uint8(w.IntN(12))},
		Listener: pick[uint64](w, 0, 0, 0, uint64(w.IntN(40)))}
	if w.IntN(3) == 0 {
		s.UnixInfo = &socket.UnixInfo{Path: pick(w, "", "\x00", "/run/x"), PeerGone: w.IntN(2) == 0}
	}
	for range w.IntN(4) {
		s.Holders = append(s.Holders, socket.Holder{Process: w.process(), FD: int32(w.IntN(9) - 1), FlagsKnown: true})
	}
	w.surroundings(s)
	return s
}

// surroundings add who waits and who is at the other end.
func (w world) surroundings(s *socket.Socket) {
	if w.IntN(2) == 0 {
		s.Watch = &socket.Watch{Doubt: pick(w, "", "", "not read")}
		for range w.IntN(2) {
			s.Watch.Epolls = append(s.Watch.Epolls, socket.EpollWatch{Process: w.process(), Events: w.Uint32()})
		}
		for range w.IntN(2) {
			s.Watch.Threads = append(s.Watch.Threads, socket.ThreadWait{Process: w.process(), Syscall: pick(w, "", "read", "poll")})
		}
	}
	if w.IntN(3) == 0 {
		s.Peer = &socket.Peer{Gone: w.IntN(2) == 0, State: socket.State(w.IntN(16)), Inode: uint64(w.IntN(2)),
			Timer: socket.Timer{Kind: socket.TimerKind(w.IntN(6))}}
		for range w.IntN(2) {
			s.Peer.Holders = append(s.Peer.Holders, socket.Holder{Process: w.process()})
		}
	}
}
