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
}

// accountsOf builds the account of every target.
func accountsOf(s *socket.Snapshot) []Account {
	index := map[socket.ProcessID]int{}
	var list []Account
	for i := range s.Processes {
		if p := &s.Processes[i]; p.Target {
			index[p.ID] = len(list)
			list = append(list, Account{Process: p.ID,
				NotIdentified: map[string]int{}, Protocols: map[string]int{}, States: map[socket.State]int{}})
		}
	}
	for _, sock := range s.Sockets {
		last := -1
		for i := range sock.Holders {
			if at, ok := index[sock.Holders[i].Process]; ok {
				list[at].add(sock, at != last)
				last = at
			}
		}
	}
	return list
}

// add counts one descriptor; first is true for the first of its socket.
func (a *Account) add(s *socket.Socket, first bool) {
	a.Descriptors++
	a.Protocols[protocolOf(s)]++
	if first {
		a.Sockets++
		if s.IsTCP() {
			a.States[s.State]++
		}
	}
	if s.Presence.Identified() {
		a.Identified++
	} else {
		a.NotIdentified[reasonOf(s)]++
	}
}

// protocolOf names the protocol or family of a socket in one plain word: the
// kernel's own name of a protocol is letters, digits, dashes and underscores.
func protocolOf(s *socket.Socket) string {
	name := s.Proto()
	if s.Family == socket.Unspec && (s.ProtoName == "" || strings.Trim(name, plainLetters) != "") {
		return "of unknown family"
	}
	return name
}

const plainLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// reasonOf says why a socket is not identified. What has no table that can be
// read is at least told by name.
func reasonOf(s *socket.Socket) string {
	if s.Presence == socket.NotDumpable {
		return protocolOf(s) + ", a " + s.Presence.String()
	}
	return s.Presence.String()
}
