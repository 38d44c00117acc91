package report

import (
	"bufio"
	"io"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// WriteTSV writes the names of the columns and then a line for each socket,
// the values with tabs between them. What is not known is empty; no value has
// a tab or a newline in it.
func (l *List) WriteTSV(w io.Writer) error {
	out := bufio.NewWriter(w) // keeps the first error until Flush
	look := newListing(l.Report)
	fields := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		fields[i] = c.Name
	}
	_, _ = out.WriteString(strings.Join(fields, "\t") + "\n")
	for _, s := range l.Sockets {
		for i, c := range l.Columns {
			fields[i] = c.cell(look, s).program()
		}
		_, _ = out.WriteString(strings.Join(fields, "\t") + "\n")
	}
	return out.Flush()
}

// listVersion is the version of listDocument, as SchemaVersion is that of reports.
const listVersion = "1.0"

// listDocument is the JSON form of a list.
type listDocument struct {
	SchemaVersion string            `json:"schema_version"`
	Partial       bool              `json:"partial,omitempty"` // something hid sockets of a target, see gaps
	Tool          DocumentTool      `json:"tool"`
	Time          time.Time         `json:"time"`
	Host          DocumentHost      `json:"host"`
	Processes     []DocumentProcess `json:"processes"`
	Sockets       []listSocket      `json:"sockets"`
	Waiters       []DocumentWaiter  `json:"waiters,omitempty"`
	Gaps          []DocumentGap     `json:"gaps"`
}

// listSocket is what a report says of a socket, with what the list adds.
type listSocket struct {
	Finding string `json:"finding,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Verdict string `json:"verdict"` // leak, suspect, note, not judged, not known or ok
	DocumentSocket
	Process   string         `json:"process,omitempty"`
	PeerState string         `json:"peer_state,omitempty"` // of the other end, where that is on this machine; GONE where there is none any more
	PeerHeld  []listHolder   `json:"peer_held_by,omitempty"`
	Waits     string         `json:"waits,omitempty"` // who waits for it, in words
	OpenedAt  *DocumentFrame `json:"opened_at,omitempty"`
	IdleFor   float64        `json:"idle_seconds,omitempty"`
	Received  uint64         `json:"received_bytes,omitempty"`
	Sent      uint64         `json:"sent_bytes,omitempty"`
}

// listHolder is a descriptor of the other end.
type listHolder struct {
	PID     int    `json:"pid"`
	Process string `json:"process,omitempty"`
	FD      int32  `json:"fd"`
}

// WriteJSON writes one document with all that is known of the listed sockets,
// whatever the columns.
func (l *List) WriteJSON(w io.Writer) error {
	head := newDocument(l.Report)
	d := listDocument{SchemaVersion: listVersion, Partial: head.Partial, Tool: head.Tool, Time: head.Time, Host: head.Host,
		Processes: head.Processes, Sockets: []listSocket{}, Waiters: head.Waiters, Gaps: head.Gaps}
	look := newListing(l.Report)
	return writeDocument(w, d, func(yield func(listSocket) bool) {
		for _, s := range l.Sockets {
			if !yield(look.document(s)) {
				return
			}
		}
	})
}

// document is a socket with what the other columns say of it.
func (l *listing) document(s *socket.Socket) listSocket {
	f := l.rules[s]
	if f == nil {
		f = &leak.Finding{}
	}
	d := listSocket{DocumentSocket: documentSocket(l.report, f, "", s), Rule: f.Rule, Verdict: l.verdict(s), Waits: l.waits(s).program()}
	d.Finding = l.prints[f]
	p, fds := l.holder(s)
	if p != nil {
		d.PID, d.Process = p.ID.PID, words.Clean(p.Name)
	}
	if len(fds) > 0 {
		d.FD = &fds[0]
	}
	if s.Peer != nil {
		d.PeerState = s.Peer.State.String()
		if s.Peer.Gone {
			d.PeerState = "GONE"
		}
		for _, h := range s.Peer.Holders {
			d.PeerHeld = append(d.PeerHeld, listHolder{h.Process.PID, processName(l.report.Snapshot, h.Process), h.FD})
		}
	}
	if o := s.Origin; o != nil && o.Own() != nil {
		frame := documentFrame(o.Own())
		d.OpenedAt = &frame
	}
	if s.Has(socket.HasTCPInfo) {
		d.IdleFor, d.Received, d.Sent = l.idle(s).number, s.TCP.BytesReceived, s.TCP.BytesSent
	}
	return d
}
