package rules

import (
	"fmt"
	"github.com/sockleak/sockleak/internal/leak"
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// The parts from which the tests build snapshots, so that a case is a line
// that reads like the situation it stands for:
//
//	look(clients(3, in(socket.CloseWait), recvQ(0), silent(10*time.Second)))
//
// What is not said is healthy: process api (pid 42, Python) with one thread,
// which sleeps on a descriptor, and far from its limit.

var (
	taken = time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	api   = socket.ProcessID{PID: 42, Start: 7}
	child = socket.ProcessID{PID: 43, Start: 9}
	db    = addr("10.0.0.5:5432")
	port  = addr("10.0.0.1:8080") // the one on which api listens
	seen  = socket.HasState | socket.HasAddrs | socket.HasQueues | socket.HasTimer | socket.HasTCPInfo
)

// part adds something to a snapshot.
type part func(*socket.Snapshot)

// trait says something of the i-th socket of a part, counted from 0.
type trait func(s *socket.Socket, i int)

// look returns a history of one look.
func look(parts ...part) *track.History {
	return looks(1, func(int) []part { return parts })
}

// looks returns a history of n looks, one every second; at says what the
// i-th one sees.
func looks(n int, at func(i int) []part) *track.History {
	h := track.NewHistory()
	for i := range n {
		h.Add(snapshot(taken.Add(time.Duration(i)*time.Second), at(i)...))
	}
	return h
}

func snapshot(at time.Time, parts ...part) *socket.Snapshot {
	s := &socket.Snapshot{Taken: at, BootID: "b", OS: "linux",
		Namespaces: []socket.Namespace{{ID: 1, EphemeralLow: 1001, EphemeralHigh: 2000, FinTimeout: time.Minute}},
		Processes: []socket.Process{
			{ID: api, Name: "api", Exe: "/srv/api", Runtime: socket.Python, Target: true, Started: at.Add(-100 * time.Second),
				FDs: 20, FDLimit: 1024, SocketFDs: -1, Threads: 1, Idle: 1, Load: -1},
			{ID: child, Parent: api.PID, Name: "child", Exe: "/srv/child", FDs: -1, SocketFDs: -1, Idle: -1, Load: -1},
		}}
	for _, p := range parts {
		p(s)
	}
	socket.Sort(s.Sockets)
	return s
}

// add gives the snapshot n sockets of api with inodes and cookies that rise
// in the order of their making, and that are the same in every look.
func add(n int, start socket.Socket, traits []trait) part {
	return func(snap *socket.Snapshot) {
		for i := range n {
			s := start
			s.NetNS, s.Facts = 1, seen
			s.Inode += uint64(1000 + i)
			s.Cookie = s.Inode
			s.Holders = []socket.Holder{{Process: api, FD: int32(3 + i)}}
			for _, t := range traits {
				t(&s, i)
			}
			snap.Sockets = append(snap.Sockets, &s)
		}
	}
}

var tcp = socket.Socket{Family: socket.IPv4, Type: socket.Stream, Protocol: socket.TCP, State: socket.Established, Presence: socket.InTable}

// clients are TCP connections that api opened to db.
func clients(n int, traits ...trait) part {
	s := tcp
	s.Remote = db
	return add(n, s, append([]trait{func(s *socket.Socket, i int) {
		s.Local = netip.AddrPortFrom(port.Addr(), uint16(33000+i%30000))
	}}, traits...))
}

// accepted are TCP connections that api accepted on port, with its listener.
func accepted(n int, traits ...trait) part {
	s := tcp
	s.Local, s.Inode = port, 100_000
	conns := add(n, s, append([]trait{func(s *socket.Socket, i int) {
		s.Remote = netip.AddrPortFrom(netip.MustParseAddr("10.0.0.7"), uint16(33000+i%30000))
	}}, traits...))
	return func(snap *socket.Snapshot) {
		listener()(snap)
		conns(snap)
	}
}

// listenerInode is the inode of the listener on port.
const listenerInode = 901_000

func listener(traits ...trait) part {
	s := tcp
	s.Local, s.State, s.Inode, s.SendQ = port, socket.Listen, listenerInode-1000, 128
	return add(1, s, traits)
}

// queued are connections in the accept queue of a listener on port.
func queued(n int, traits ...trait) part {
	s := tcp
	s.Local, s.Listener = port, listenerInode
	return add(n, s, append([]trait{func(s *socket.Socket, i int) {
		s.Inode, s.Cookie, s.Holders = 0, uint64(5000+i), nil
		s.Remote = netip.AddrPortFrom(netip.MustParseAddr("10.0.0.7"), uint16(33000+i))
	}}, traits...))
}

// absent are TCP sockets of api that are in no table.
func absent(n int, p socket.Presence, traits ...trait) part {
	s := tcp
	s.State, s.Presence = socket.Close, p
	return add(n, s, append([]trait{facts(socket.HasState)}, traits...))
}

func udp(n int, localPort uint16, traits ...trait) part {
	s := socket.Socket{Family: socket.IPv4, Type: socket.Dgram, Protocol: socket.UDP, State: socket.Close,
		Local: netip.AddrPortFrom(port.Addr(), localPort), Presence: socket.InTable}
	return add(n, s, traits)
}

func unixSockets(n int, gone bool) part {
	s := socket.Socket{Family: socket.Unix, Type: socket.Stream, State: socket.Established, Presence: socket.InTable,
		UnixInfo: &socket.UnixInfo{Path: "/run/api.sock", PeerGone: gone}}
	return add(n, s, nil)
}

// ownerless are TCP sockets without a descriptor.
func ownerless(state socket.State, n int, local, remote netip.AddrPort) part {
	return func(snap *socket.Snapshot) {
		ns := &snap.Namespaces[0]
		ns.Ownerless = append(ns.Ownerless, socket.Ownerless{State: state, Local: local, Remote: remote, Count: n})
	}
}

// process changes what is known of api.
func process(change func(p *socket.Process)) part {
	return func(snap *socket.Snapshot) { change(&snap.Processes[0]) }
}

func addr(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }

func in(state socket.State) trait { return func(s *socket.Socket, _ int) { s.State = state } }

func facts(f socket.Facts) trait { return func(s *socket.Socket, _ int) { s.Facts = f } }

func recvQ(n uint32) trait { return func(s *socket.Socket, _ int) { s.RecvQ = n } }

func sendQ(n uint32) trait { return func(s *socket.Socket, _ int) { s.SendQ = n } }

// silent: nothing was sent, received or acknowledged for so long.
func silent(d time.Duration) trait {
	return func(s *socket.Socket, _ int) { s.TCP.LastAckRecv, s.TCP.LastDataRecv, s.TCP.LastDataSent = d, d, d }
}

// usedInTurn: each was used once, one after another, the last d ago.
func usedInTurn(n int, d time.Duration) trait {
	return func(s *socket.Socket, i int) {
		silent(d+time.Duration(n-1-i)*time.Second)(s, i)
		s.TCP.BytesReceived = 100
	}
}

// sent: data went out so long ago.
func sent(ago time.Duration) trait {
	return func(s *socket.Socket, _ int) { s.TCP.BytesSent, s.TCP.LastDataSent = 100, ago }
}

// got: data came in so long ago.
func got(ago time.Duration) trait {
	return func(s *socket.Socket, _ int) { s.TCP.BytesReceived, s.TCP.LastDataRecv = 100, ago }
}

func timer(k socket.TimerKind, retries uint8) trait {
	return func(s *socket.Socket, _ int) { s.Timer = socket.Timer{Kind: k, Retries: retries} }
}

func watch(w socket.Watch) trait { return func(s *socket.Socket, _ int) { s.Watch = &w } }

// nobody: it is known that no epoll set and no thread waits.
func nobody() trait { return watch(socket.Watch{}) }

func doubt() trait { return watch(socket.Watch{Doubt: "io_uring is in use"}) }

func epoll(events uint32) trait {
	return watch(socket.Watch{Epolls: []socket.EpollWatch{{Process: api, EpollFD: 4, Events: events}}})
}

func thread(call string) trait {
	return watch(socket.Watch{Threads: []socket.ThreadWait{{Process: api, TID: 42, Syscall: call}}})
}

func heldBy(list ...socket.Holder) trait {
	return func(s *socket.Socket, _ int) { s.Holders = list }
}

// end says what became of the other end, which is on this machine.
func end(p socket.Peer) trait { return func(s *socket.Socket, _ int) { s.Peer = &p } }

func heldEnd(state socket.State) socket.Peer { return socket.Peer{State: state, Inode: 7} }

// growing is a history of 12 looks in which one socket joins at each.
func growing(group func(n int) part) *track.History {
	return looks(12, func(i int) []part { return []part{group(i + 3)} })
}

// describe prints findings for a failure.
func describe(list []leak.Finding) string {
	text := ""
	for _, f := range list {
		text += fmt.Sprintf("  %s %s: %s %q\n", f.Level, f.Rule, f.Summary, f.Evidence)
	}
	return text
}

// once: one segment of data was sent on each.
func once(s *socket.Socket, _ int) {
	s.Facts |= socket.HasDataSegs
	s.TCP.DataSegsOut, s.TCP.DataSegsIn, s.TCP.BytesSent = 1, 1, 100
}
