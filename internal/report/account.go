package report

import (
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Account reconciles the socket descriptors of one process with what is
// known of the sockets behind them: Descriptors = Identified + the sum of
// NotIdentified.
type Account struct {
	Process       socket.ProcessID
	Descriptors   int                  // descriptors that are sockets
	Sockets       int                  // distinct sockets behind them
	Identified    int                  // descriptors whose socket is known
	NotIdentified map[string]int       // the others, by the reason in words
	Protocols     map[string]int       // descriptors by protocol or family
	States        map[socket.State]int // TCP sockets by state

	run run // what is not yet counted above, while it is built
}

// accountsOf builds the account of every target, by pid, and at last that of
// all of them together, in which a socket that several hold counts once.
func accountsOf(s *socket.Snapshot) (targets []Account, total Account) {
	parts := socket.InParts(s.Sockets, func(list []*socket.Socket) []Account { return accountsOfPart(s, list) })
	for _, part := range parts[1:] {
		for i := range part {
			parts[0][i].merge(&part[i])
		}
	}
	last := len(parts[0]) - 1
	return parts[0][:last], parts[0][last]
}

// accountsOfPart counts a part of the sockets.
func accountsOfPart(s *socket.Snapshot, sockets []*socket.Socket) []Account {
	index := map[socket.ProcessID]int{}
	var list []Account
	for i := range s.Processes {
		if p := &s.Processes[i]; p.Target {
			index[p.ID] = len(list)
			list = append(list, newAccount(p.ID))
		}
	}
	total := newAccount(socket.ProcessID{})
	var last socket.ProcessID // neighbours are often of the same process
	at, ok := 0, false
	for _, sock := range sockets {
		seen, descriptors := -1, 0
		for i := range sock.Holders {
			if id := sock.Holders[i].Process; id != last {
				last = id
				at, ok = index[id]
			}
			if ok {
				n := 1 + int(sock.Holders[i].More)
				list[at].add(sock, n, at != seen)
				seen = at
				descriptors += n
			}
		}
		if descriptors > 0 {
			total.add(sock, descriptors, true)
		}
	}
	list = append(list, total)
	for i := range list {
		list[i].run.flush(&list[i])
	}
	return list
}

func newAccount(id socket.ProcessID) Account {
	return Account{Process: id, NotIdentified: map[string]int{}, Protocols: map[string]int{}, States: map[socket.State]int{}}
}

// merge adds what another account of the same process counts.
func (a *Account) merge(b *Account) {
	a.Descriptors += b.Descriptors
	a.Sockets += b.Sockets
	a.Identified += b.Identified
	addUp(a.NotIdentified, b.NotIdentified)
	addUp(a.Protocols, b.Protocols)
	addUp(a.States, b.States)
}

func addUp[K comparable](to, from map[K]int) {
	for k, n := range from {
		to[k] += n
	}
}

// add counts descriptors of a socket; first is true for its first ones.
func (a *Account) add(s *socket.Socket, descriptors int, first bool) {
	a.Descriptors += descriptors
	if !a.run.goesOn(s) {
		a.run.flush(a)
		a.run = run{of: s}
	}
	a.run.descriptors += descriptors
	if first {
		a.Sockets++
		a.run.sockets++
	}
}

// run is a number of sockets in a row of which the account says the same. A
// snapshot is sorted by family, protocol and state.
type run struct {
	of                   *socket.Socket // the first
	descriptors, sockets int
}

func (r *run) goesOn(s *socket.Socket) bool {
	return r.of != nil && r.of.Family == s.Family && r.of.Type == s.Type && r.of.Protocol == s.Protocol &&
		r.of.State == s.State && r.of.Presence == s.Presence && r.of.ProtoName == s.ProtoName
}

// flush adds the run to the account.
func (r *run) flush(a *Account) {
	if r.of == nil {
		return
	}
	a.Protocols[protocolOf(r.of)] += r.descriptors
	if r.of.IsTCP() && r.sockets > 0 {
		a.States[r.of.State] += r.sockets
	}
	if r.of.Presence.Identified() {
		a.Identified += r.descriptors
	} else {
		a.NotIdentified[reasonOf(r.of)] += r.descriptors
	}
	*r = run{}
}

// protocolOf names the protocol or family of a socket in one plain word: the
// kernel's own name of a protocol is letters, digits, dashes and underscores.
func protocolOf(s *socket.Socket) string {
	name := s.Proto()
	if s.Family == socket.Unspec && (s.ProtoName == "" || len(name) > maxProtocol || strings.Trim(name, plainLetters) != "") {
		return "of unknown family"
	}
	return name
}

// maxProtocol is above the name of any protocol: char name[32] in struct proto
// (include/net/sock.h).
const maxProtocol = 32

const plainLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// reasonOf says why a socket is not identified. What has no table that can be
// read is at least told by name.
func reasonOf(s *socket.Socket) string {
	if s.Presence == socket.NotDumpable {
		return protocolOf(s) + ", a " + s.Presence.String()
	}
	return s.Presence.String()
}
