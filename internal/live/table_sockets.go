package live

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// socketTable is sockets of a sample, given by their indices.
func (m *Model) socketTable(s *Sample, list []int) *table[Socket] {
	t := &table[Socket]{key: func(k *Socket) any { return k.ID() }, search: searchText, rows: make([]*Socket, len(list))}
	for i, at := range list {
		t.rows[i] = &s.Sockets[at]
	}
	t.columns = socketColumns()
	return t
}

// searchText is what a filter finds a socket by.
func searchText(k *Socket) string {
	return strings.Join([]string{k.Proto(), k.State.String(), localWord(k.Socket), remoteWord(k.Socket),
		"fd " + fdWord(k.Socket), ownerWord(k), levelWord(k.Level), waitWord(k.Socket)}, " ")
}

func socketColumns() []column[Socket] {
	text := func(of func(*socket.Socket) string) func(Style, *Socket) (string, role) {
		return func(_ Style, k *Socket) (string, role) { return of(k.Socket), plain }
	}
	by := func(of func(*Socket) uint64) func(a, b *Socket) int {
		return func(a, b *Socket) int { return cmp.Compare(of(b), of(a)) }
	}
	word := func(of func(*socket.Socket) string) func(a, b *Socket) int {
		return func(a, b *Socket) int { return strings.Compare(of(a.Socket), of(b.Socket)) }
	}
	address := func(of func(*Socket) netip.AddrPort) func(a, b *Socket) int {
		return func(a, b *Socket) int { return of(a).Compare(of(b)) }
	}
	queue := func(n uint32) (string, role) {
		if n == 0 {
			return "0", faint
		}
		return fmt.Sprint(n), strong
	}
	return []column[Socket]{
		{title: "LEVEL", width: 8, extra: 4, text: func(_ Style, k *Socket) (string, role) { return levelWord(k.Level), roleOf(k.Level) },
			compare: func(a, b *Socket) int {
				return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Age.AtLeast, a.Age.AtLeast))
			}},
		{title: "FD", width: 5, right: true, text: text(fdWord), compare: func(a, b *Socket) int { return cmp.Compare(fdOf(a.Socket), fdOf(b.Socket)) }},
		{title: "PROTO", width: 7, extra: 6, text: text((*socket.Socket).Proto), compare: word((*socket.Socket).Proto)},
		{title: "STATE", width: 11, text: func(_ Style, k *Socket) (string, role) { return stateWord(k.Socket), roleOf(k.Level) }, compare: func(a, b *Socket) int { return stateRank(a.State) - stateRank(b.State) }},
		{title: "AGE", width: 6, extra: 1, right: true, text: func(_ Style, k *Socket) (string, role) { return span(k.Age.AtLeast), plain }, compare: by(func(k *Socket) uint64 { return uint64(k.Age.AtLeast) })},
		{title: "IDLE", width: 6, right: true, extra: 7, text: func(_ Style, k *Socket) (string, role) { return span(k.Idle), plain }, compare: by(func(k *Socket) uint64 { return uint64(k.Idle) })},
		{title: "LOCAL", width: 16, flex: true, extra: 5, text: text(localWord), compare: address(func(k *Socket) netip.AddrPort { return k.Local })},
		{title: "PEER", width: 13, flex: true, text: text(remoteWord), compare: address(func(k *Socket) netip.AddrPort { return k.Remote })},
		{title: "RECV-Q", width: 8, right: true, extra: 2, text: func(_ Style, k *Socket) (string, role) { return queue(k.RecvQ) }, compare: by(func(k *Socket) uint64 { return uint64(k.RecvQ) })},
		{title: "SEND-Q", width: 8, right: true, extra: 3, text: func(_ Style, k *Socket) (string, role) { return queue(k.SendQ) }, compare: by(func(k *Socket) uint64 { return uint64(k.SendQ) })},
		{title: "WAITS", width: 16, flex: true, extra: 8, text: text(waitWord), compare: word(waitWord)},
		{title: "PROCESS", width: 18, extra: 9, text: func(_ Style, k *Socket) (string, role) { return ownerWord(k), plain }, compare: func(a, b *Socket) int { return strings.Compare(ownerWord(a), ownerWord(b)) }},
	}
}

func fdOf(s *socket.Socket) int32 {
	if len(s.Holders) == 0 {
		return -1
	}
	return s.Holders[0].FD
}

func fdWord(s *socket.Socket) string {
	if fd := fdOf(s); fd >= 0 {
		return fmt.Sprint(fd)
	}
	return "-"
}

// stateWord is the state, or where there is none, why.
func stateWord(s *socket.Socket) string {
	if s.Has(socket.HasState) {
		return s.State.String()
	}
	return s.Presence.String()
}

func localWord(s *socket.Socket) string {
	if s.UnixInfo != nil && s.UnixInfo.Path != "" {
		return words.Clean(s.UnixInfo.Path)
	}
	return addressWord(s.Local)
}

func remoteWord(s *socket.Socket) string {
	if u := s.UnixInfo; u != nil && u.PeerGone {
		return "closed"
	}
	return addressWord(s.Remote)
}

func addressWord(a netip.AddrPort) string {
	if !a.IsValid() {
		return "-"
	}
	return a.String()
}

func ownerWord(k *Socket) string {
	if k.Owner == nil {
		return "-"
	}
	return processName(k.Owner)
}

// waitWord says in a few words who waits for a socket: the line of the program
// where it is known.
func waitWord(s *socket.Socket) string {
	w := s.Watch
	switch {
	case w == nil:
		return ""
	case len(w.Waiters) > 0:
		if f := w.Waiters[0].Own(); f != nil {
			return frameWord(f)
		}
		return words.Clean(w.Waiters[0].Call)
	case len(w.Threads) > 0:
		return "thread in " + words.Clean(w.Threads[0].Syscall)
	case w.Registered():
		return "epoll"
	case w.Doubt != "":
		return "not known"
	}
	return "nobody"
}
