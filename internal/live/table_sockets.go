package live

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
)

// socketTable is sockets of a sample, given by their indices.
func (m *Model) socketTable(s *Sample, list []int) *table[Socket] {
	cells := socketCells(s.Report)
	t := &table[Socket]{key: func(k *Socket) any { return k.ID() }, search: cells.search,
		rows: make([]*Socket, len(list)), columns: cells.columns()}
	for i, at := range list {
		t.rows[i] = &s.Sockets[at]
	}
	return t
}

// cells are the texts of a socket, which are those of sockleak ls.
type cells struct{ fd, proto, state, local, peer, with, waits, opened func(*socket.Socket) string }

func socketCells(r *report.Report) cells {
	of := func(column string) func(*socket.Socket) string { return report.CellOf(r, column) }
	return cells{of("fd"), of("proto"), of("state"), of("local"), of("peer"), of("with"), of("waits"), of("opened")}
}

// search is what a filter finds a socket by.
func (c cells) search(k *Socket) string {
	parts := []string{levelWord(k.Level), ownerWord(k)}
	for _, cell := range []func(*socket.Socket) string{c.fd, c.proto, c.state, c.local, c.peer, c.with, c.waits, c.opened} {
		parts = append(parts, cell(k.Socket))
	}
	return strings.Join(parts, " ")
}

func (c cells) columns() []column[Socket] {
	text := func(of func(*socket.Socket) string) func(Style, *Socket) (string, role) {
		return func(_ Style, k *Socket) (string, role) { return of(k.Socket), plain }
	}
	most := func(of func(*Socket) uint64) func(a, b *Socket) int {
		return func(a, b *Socket) int { return cmp.Compare(of(b), of(a)) }
	}
	word := func(of func(*socket.Socket) string) func(a, b *Socket) int {
		return func(a, b *Socket) int { return strings.Compare(of(a.Socket), of(b.Socket)) }
	}
	address := func(of func(*Socket) netip.AddrPort) func(a, b *Socket) int {
		return func(a, b *Socket) int { return of(a).Compare(of(b)) }
	}
	return []column[Socket]{
		{title: "LEVEL", width: 8, extra: 4, text: func(_ Style, k *Socket) (string, role) { return levelWord(k.Level), roleOf(k.Level) },
			compare: func(a, b *Socket) int {
				return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Age.AtLeast, a.Age.AtLeast))
			}},
		{title: "FD", width: 5, right: true, text: text(c.fd), compare: func(a, b *Socket) int { return cmp.Compare(fdOf(a.Socket), fdOf(b.Socket)) }},
		{title: "PROTO", width: 7, extra: 9, text: text(c.proto), compare: word(c.proto)},
		{title: "STATE", width: 12, least: 11, text: func(_ Style, k *Socket) (string, role) { return c.state(k.Socket), roleOf(k.Level) },
			compare: func(a, b *Socket) int { return stateRank(a.State) - stateRank(b.State) }},
		{title: "AGE", width: 6, extra: 1, right: true, text: func(_ Style, k *Socket) (string, role) { return span(k.Age.AtLeast), plain },
			compare: most(func(k *Socket) uint64 { return uint64(k.Age.AtLeast) })},
		{title: "IDLE", width: 6, right: true, extra: 7, text: func(_ Style, k *Socket) (string, role) { return span(k.Idle), plain },
			compare: most(func(k *Socket) uint64 { return uint64(k.Idle) })},
		{title: "LOCAL", width: 21, flex: true, tail: true, extra: 8, text: text(c.local), compare: address(func(k *Socket) netip.AddrPort { return k.Local })},
		{title: "PEER", width: 21, least: 13, flex: true, tail: true, text: text(c.peer), compare: address(func(k *Socket) netip.AddrPort { return k.Remote })},
		{title: "RECV-Q", width: 7, right: true, extra: 2, text: queue(func(k *Socket) uint32 { return k.RecvQ }),
			compare: most(func(k *Socket) uint64 { return uint64(k.RecvQ) })},
		{title: "SEND-Q", width: 7, right: true, extra: 3, text: queue(func(k *Socket) uint32 { return k.SendQ }),
			compare: most(func(k *Socket) uint64 { return uint64(k.SendQ) })},
		{title: "WAITS", width: 20, flex: true, extra: 5, text: text(c.waits), compare: word(c.waits)},
		{title: "WITH", width: 18, flex: true, extra: 6, text: text(c.with), compare: word(c.with)},
		{title: "OPENED", width: 20, flex: true, extra: 10, text: text(c.opened), compare: word(c.opened)},
		{title: "PROCESS", width: 18, extra: 11, text: func(_ Style, k *Socket) (string, role) { return ownerWord(k), plain },
			compare: func(a, b *Socket) int { return strings.Compare(ownerWord(a), ownerWord(b)) }},
	}
}

// queue is a cell of bytes that wait.
func queue(of func(*Socket) uint32) func(Style, *Socket) (string, role) {
	return func(_ Style, k *Socket) (string, role) {
		switch n := of(k); {
		case !k.Has(socket.HasQueues):
			return "-", faint
		case n == 0:
			return "0", faint
		default:
			return fmt.Sprint(n), strong
		}
	}
}

// fdOf is the first descriptor of a socket; -1 without one.
func fdOf(s *socket.Socket) int32 {
	if len(s.Holders) == 0 {
		return -1
	}
	return s.Holders[0].FD
}

func ownerWord(k *Socket) string {
	if k.Owner == nil {
		return "-"
	}
	return processName(k.Owner)
}
