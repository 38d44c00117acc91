package report

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// Column is one column of a list of sockets.
type Column struct {
	Name  string // as in --columns and --sort, the head of TSV
	doc   string // one line for the help text
	cell  func(l *listing, s *socket.Socket) cell
	right bool // aligned to the right
	least int  // columns of the terminal that it needs; 0 where it cannot be cut
	tail  bool // what is cut off is the beginning: a port says more than a network
	drop  int  // the higher, the sooner it is left out where there is no room
	rare  bool // shown only when it is asked for
}

// Doc is one line for a help text.
func (c Column) Doc() string { return c.doc }

// Columns returns every column, in the order in which they are shown.
func Columns() []Column {
	return []Column{
		{Name: "pid", doc: "process that holds it", cell: (*listing).pid, right: true, drop: 6},
		{Name: "process", doc: "its name", cell: (*listing).process, least: 6, drop: 9},
		{Name: "fd", doc: "its descriptors of the socket", cell: (*listing).fd, right: true, drop: 1},
		{Name: "proto", doc: "protocol or family", cell: (*listing).proto, drop: 13},
		{Name: "state", doc: "state, and what became of a closed one", cell: (*listing).state, drop: 0},
		{Name: "age", doc: "time in that state, at least (TSV: seconds)", cell: (*listing).age, right: true, drop: 4},
		{Name: "idle", doc: "time since data came in or went out (TSV: seconds)", cell: (*listing).idle, right: true, drop: 10},
		{Name: "recvq", doc: "unread bytes; of a listener, the connections to accept", cell: (*listing).recvQ, right: true, drop: 11},
		{Name: "sendq", doc: "bytes not acknowledged; of a listener, its backlog", cell: (*listing).sendQ, right: true, drop: 12},
		{Name: "local", doc: "local address, or path of a UNIX socket", cell: (*listing).local, least: 21, tail: true, drop: 8},
		{Name: "peer", doc: "address of the other end", cell: (*listing).peer, least: 21, tail: true, drop: 3},
		{Name: "with", doc: "the local process behind it, or what became of the other end", cell: (*listing).with, least: 16, drop: 7},
		{Name: "waits", doc: "who waits for the socket, and at which line", cell: (*listing).waits, least: 20, drop: 5},
		{Name: "opened", doc: "the line that opened it, when it was traced", cell: (*listing).opened, least: 20, drop: 5},
		{Name: "verdict", doc: "leak, suspect, note, ok, not judged or not known", cell: (*listing).verdictCell, drop: 2},
		{Name: "rule", doc: "the rule that says so", cell: (*listing).rule, least: 10, drop: 14},
		{Name: "holders", doc: "every descriptor of it that was seen, as pid:fd", cell: (*listing).holders, least: 12, rare: true},
		{Name: "rx", doc: "bytes received so far", cell: (*listing).rx, right: true, rare: true},
		{Name: "tx", doc: "bytes sent so far, repeated ones included", cell: (*listing).tx, right: true, rare: true},
		{Name: "timer", doc: "pending timer of the kernel, as ss -o shows it", cell: (*listing).timer, rare: true},
		{Name: "unit", doc: "systemd unit of the process", cell: (*listing).unit, least: 8, rare: true},
		{Name: "container", doc: "container of the process", cell: (*listing).container, rare: true},
		{Name: "uid", doc: "user who made the socket", cell: func(_ *listing, s *socket.Socket) cell { return numberCell(s.UID) }, right: true, rare: true},
		{Name: "inode", doc: "inode, the number in socket:[N]", cell: func(_ *listing, s *socket.Socket) cell { return known(s.Inode) }, right: true, rare: true},
		{Name: "cookie", doc: "cookie, as ss -e shows it in hexadecimal", cell: func(_ *listing, s *socket.Socket) cell { return known(s.Cookie) }, right: true, rare: true},
		{Name: "netns", doc: "inode of its network namespace", cell: func(_ *listing, s *socket.Socket) cell { return known(s.NetNS) }, right: true, rare: true},
	}
}

func columnByName(name string) (Column, bool) {
	all := Columns()
	i := slices.IndexFunc(all, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return all[i], true
}

func columnsByName(names []string) []Column {
	var list []Column
	for _, name := range names {
		if c, ok := columnByName(name); ok {
			list = append(list, c)
		}
	}
	return list
}

// known is a number that is 0 where it is not known.
func known(n uint64) cell {
	if n == 0 {
		return cell{text: none}
	}
	return numberCell(n)
}

// holder is the descriptor by which the socket is shown: a target's, if any
// has one. A connection in an accept queue is shown under its listener.
func (l *listing) holder(s *socket.Socket) (p *socket.Process, fds []int32) {
	snap := l.report.Snapshot
	for i := range s.Holders {
		h := &s.Holders[i]
		q := snap.Process(h.Process)
		switch {
		case p == nil || q != nil && q.Target && !p.Target:
			if q != nil {
				p, fds = q, []int32{h.FD}
			}
		case q == p:
			fds = append(fds, h.FD)
		}
	}
	if p == nil && s.Listener != 0 {
		for _, o := range snap.Sockets {
			if o.Inode == s.Listener && len(o.Holders) > 0 {
				return snap.Process(o.Holders[0].Process), nil
			}
		}
	}
	if p == nil {
		p = snap.Process(s.KeptBy)
	}
	return p, fds
}

func (l *listing) pid(s *socket.Socket) cell {
	if p, _ := l.holder(s); p != nil {
		return numberCell(p.ID.PID)
	}
	return cell{text: none}
}

func (l *listing) process(s *socket.Socket) cell {
	if p, _ := l.holder(s); p != nil {
		return textCell(words.Clean(p.Name))
	}
	return cell{text: none}
}

func (l *listing) unit(s *socket.Socket) cell {
	if p, _ := l.holder(s); p != nil {
		return textCell(words.Clean(p.Unit))
	}
	return cell{text: none}
}

func (l *listing) container(s *socket.Socket) cell {
	if p, _ := l.holder(s); p != nil && p.Container != "" {
		return cell{text: p.Container[:min(12, len(p.Container))], raw: p.Container}
	}
	return cell{text: none}
}

// shownFDs is how many descriptors of one socket a cell has room for.
const shownFDs = 3

func (l *listing) fd(s *socket.Socket) cell {
	_, fds := l.holder(s)
	if len(fds) == 0 {
		return cell{text: none}
	}
	c := cell{number: float64(fds[0])}
	var all []string
	for _, fd := range fds {
		all = append(all, strconv.Itoa(int(fd)))
	}
	c.text, c.raw = strings.Join(all[:min(shownFDs, len(all))], ","), strings.Join(all, ",")
	if more := len(all) - shownFDs; more > 0 {
		c.text += fmt.Sprintf("+%d", more)
	}
	return c
}

func (l *listing) holders(s *socket.Socket) cell {
	var all []string
	for i := range s.Holders {
		all = append(all, fmt.Sprintf("%d:%d", s.Holders[i].Process.PID, s.Holders[i].FD))
	}
	return textCell(strings.Join(all, ","))
}

func (l *listing) proto(s *socket.Socket) cell { return textCell(words.Clean(s.Proto())) }

// state is the state, with what ss(8) cannot tell of those in no table.
func (l *listing) state(s *socket.Socket) cell {
	text := s.State.String()
	if !s.Has(socket.HasState) && s.State == socket.StateUnknown {
		text = none
	}
	switch {
	case s.Listener != 0:
		text += " queued"
	case s.KeptBy != (socket.ProcessID{}):
		text += " io_uring"
	}
	switch s.Presence {
	case socket.Unattached:
		text = "CLOSE new" // never bound or connected
	case socket.Reset:
		text = "CLOSE reset"
	case socket.ConnectFailed:
		text = "CLOSE failed"
	case socket.Finished:
		text = "CLOSE done"
	case socket.Bound:
		text = socket.BoundInactive.String()
	}
	return cell{text: text}
}

func (l *listing) age(s *socket.Socket) cell {
	return spanCell(l.report.History.Age(s).AtLeast, ">")
}

func (l *listing) idle(s *socket.Socket) cell {
	if !s.Has(socket.HasTCPInfo) || s.State == socket.Listen || !s.Remote.IsValid() {
		return cell{text: none}
	}
	return spanCell(min(s.TCP.LastDataRecv, s.TCP.LastDataSent), "")
}

func spanCell(d time.Duration, sign string) cell {
	if d <= 0 {
		return cell{text: none}
	}
	return cell{text: sign + words.Span(d), raw: strconv.FormatFloat(d.Seconds(), 'f', 3, 64), number: d.Seconds()}
}

func (l *listing) recvQ(s *socket.Socket) cell { return queueCell(s, s.RecvQ) }
func (l *listing) sendQ(s *socket.Socket) cell { return queueCell(s, s.SendQ) }

func queueCell(s *socket.Socket, n uint32) cell {
	if !s.Has(socket.HasQueues) {
		return cell{text: none}
	}
	return numberCell(n)
}

func (l *listing) rx(s *socket.Socket) cell { return bytesCell(s, s.TCP.BytesReceived) }
func (l *listing) tx(s *socket.Socket) cell { return bytesCell(s, s.TCP.BytesSent) }

func bytesCell(s *socket.Socket, n uint64) cell {
	if !s.Has(socket.HasTCPInfo) {
		return cell{text: none}
	}
	return numberCell(n)
}

func (l *listing) timer(s *socket.Socket) cell {
	if !s.Has(socket.HasTimer) || s.Timer.Kind == socket.NoTimer {
		return cell{text: none}
	}
	return cell{text: fmt.Sprintf("%s,%s,%d", s.Timer.Kind, words.Span(s.Timer.Expires), s.Timer.Retries)}
}

func (l *listing) local(s *socket.Socket) cell {
	if s.UnixInfo != nil {
		return textCell(words.Clean(s.UnixInfo.Path))
	}
	return addrCell(s.Local)
}

func (l *listing) peer(s *socket.Socket) cell { return addrCell(s.Remote) }

// addrCell shows the unspecified address as ss(8) does, and sorts by address
// before port.
func addrCell(a netip.AddrPort) cell {
	if !a.IsValid() || a.Addr().IsUnspecified() && a.Port() == 0 {
		return cell{text: none}
	}
	c := cell{text: a.String(), raw: a.String()}
	if a.Addr().IsUnspecified() {
		c.text = fmt.Sprintf("*:%d", a.Port())
	}
	return c
}

// with names the program at the other end, as far as that is on this machine.
func (l *listing) with(s *socket.Socket) cell {
	p := s.Peer
	switch {
	case p == nil:
		return cell{text: none}
	case p.Gone:
		return cell{text: "gone"}
	case p.Closed():
		return cell{text: "closed " + p.State.String()}
	case p.Queued():
		return cell{text: "not accepted"}
	case len(p.Holders) == 0:
		return cell{text: "held"}
	}
	h := p.Holders[0]
	name := "pid"
	if q := l.report.Snapshot.Process(h.Process); q != nil && q.Name != "" {
		name = words.Clean(q.Name)
	}
	return cell{text: fmt.Sprintf("%s %d:%d", name, h.Process.PID, h.FD)}
}

// waits says who waits for the socket.
func (l *listing) waits(s *socket.Socket) cell {
	w := s.Watch
	switch {
	case w == nil || s.Listener != 0:
		return cell{text: none}
	case len(w.Waiters) > 0:
		first := &w.Waiters[0]
		text := first.CallName()
		if f := placeOf(first.Frames, first.Own()); f != "" {
			text = f + " in " + text
		} else {
			text = string(first.Kind) + " in " + text
		}
		if more := len(w.Waiters) - 1; more > 0 {
			text += fmt.Sprintf(" +%d", more)
		}
		return textCell(words.Clean(text))
	case len(w.Threads) > 0:
		return textCell(words.Clean("thread in " + socket.CallName(w.Threads[0].Syscall)))
	case w.Registered() || len(w.Epolls) > 0 && w.Doubt != "":
		return cell{text: "epoll"}
	case w.Unwaited():
		return cell{text: "nobody"}
	}
	return cell{text: "not known"}
}

func (l *listing) opened(s *socket.Socket) cell {
	o := s.Origin
	if o == nil {
		return cell{text: none}
	}
	if place := placeOf(o.Frames, o.Own()); place != "" {
		return textCell(words.Clean(place))
	}
	return textCell(words.Clean(o.Call))
}

// placeOf is the program's own line in the frames, or the innermost one that
// is known.
func placeOf(frames []socket.Frame, own *socket.Frame) string {
	for i := 0; own == nil && i < len(frames); i++ {
		if frames[i].Line > 0 {
			own = &frames[i]
		}
	}
	if own == nil {
		return ""
	}
	return leak.FrameWords(own)
}

// verdictOrder is how verdicts are sorted.
var verdictOrder = [...]string{"leak", "suspect", "note", "not judged", "not known", "ok"}

// verdict says what became of one socket. A socket that nothing accuses is ok
// only where it is known what it is.
func (l *listing) verdict(s *socket.Socket) string {
	f := l.rules[s]
	switch {
	case f != nil:
		return f.Level.String()
	case s.State == socket.CloseWait:
		return "not judged"
	case !s.Presence.Identified():
		return "not known"
	}
	return "ok"
}

func (l *listing) verdictCell(s *socket.Socket) cell {
	text := l.verdict(s)
	return cell{text: text, number: float64(slices.Index(verdictOrder[:], text))}
}

func (l *listing) rule(s *socket.Socket) cell {
	if f := l.rules[s]; f != nil {
		return cell{text: f.Rule}
	}
	return cell{text: none}
}
