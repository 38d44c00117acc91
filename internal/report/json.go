package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/netip"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func jsonDocument() Format {
	return Format{
		Name:  "json",
		Doc:   "one JSON document with schema_version",
		Write: writeJSON,
	}
}

// writeJSON writes what NewDocument holds.
func writeJSON(w io.Writer, r *Report, _ Options) error {
	return writeDocument(w, newDocument(r), documentSockets(r))
}

// writeDocument writes a document that has an empty list of sockets, with the
// sockets one to a line and one at a time: there may be 200,000 of them.
func writeDocument[S any](w io.Writer, document any, sockets iter.Seq[S]) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(document); err != nil {
		return err
	}
	// A string in JSON has no raw newline, so this can only be the key.
	const key, end = "\n  \"sockets\": [", "]"
	before, after, ok := bytes.Cut(bytes.Clone(b.Bytes()), []byte(key+end))
	if !ok {
		return errors.New("write the report: the document has no sockets")
	}
	out := bufio.NewWriter(w) // keeps the first error until Flush
	_, _ = out.Write(before)
	_, _ = out.WriteString(key)
	enc.SetIndent("", "")
	separator := "\n    "
	for s := range sockets {
		b.Reset()
		if err := enc.Encode(s); err != nil {
			return err
		}
		_, _ = out.WriteString(separator)
		_, _ = out.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
		separator = ",\n    "
	}
	if separator[0] == ',' {
		_, _ = out.WriteString("\n  ")
	}
	_, _ = out.WriteString(end)
	_, _ = out.Write(after)
	return out.Flush()
}

// NewDocument turns a report into its JSON form.
func NewDocument(r *Report) *Document {
	d := newDocument(r)
	d.Sockets = slices.AppendSeq(d.Sockets, documentSockets(r))
	return d
}

// newDocument is NewDocument without the sockets.
func newDocument(r *Report) *Document {
	d := newHead(r)
	c := newCommands(r.FullCommand)
	for i := range r.Accounts {
		d.Processes = append(d.Processes, documentProcess(r.Snapshot, &r.Accounts[i], c))
	}
	d.Waiters, d.WaitersLeftOut = documentWaiters(r.Snapshot)
	d.Opened = documentOpenings(openedBeside(r))
	for i := range r.Findings {
		d.Findings = append(d.Findings, documentFinding(r.Snapshot, &r.Findings[i]))
	}
	return d
}

// documentSockets goes through the sockets of the findings above a note.
func documentSockets(r *Report) iter.Seq[DocumentSocket] {
	return func(yield func(DocumentSocket) bool) {
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Level < leak.Suspect {
				continue
			}
			fingerprint := f.Fingerprint(r.Snapshot.Process(f.Process))
			for _, s := range f.Sockets {
				if !yield(documentSocket(r, f, fingerprint, s)) {
					return
				}
			}
		}
	}
}

// newHead is the document without processes, findings and sockets.
func newHead(r *Report) *Document {
	s := r.Snapshot
	d := &Document{
		SchemaVersion: SchemaVersion,
		Verdict:       r.Verdict,
		Partial:       s.Blind(),
		Tool:          DocumentTool{"sockleak", words.Clean(r.Version), words.Clean(r.Command), words.Clean(r.Target)},
		Time:          s.Taken.UTC(),
		Host:          DocumentHost{words.Clean(s.Host), words.Clean(s.BootID), words.Clean(s.OS)},
		Looks:         r.Looks(),
		WindowSeconds: r.Window().Seconds(),
		ScanSeconds:   s.Duration.Seconds(),
		Processes:     []DocumentProcess{},
		Findings:      []DocumentFinding{},
		Sockets:       []DocumentSocket{},
		Gaps:          []DocumentGap{},
		Sources:       []DocumentSource{},
		Hints:         cleanAll(r.Hints),
		NotJudged:     r.Tally.NotJudged,
	}
	for _, f := range r.Settings {
		d.Settings = append(d.Settings, DocumentSettings{words.Clean(f.Path), cleanAll(f.Changed), f.Findings, f.Sockets})
	}
	for _, g := range s.Gaps {
		d.Gaps = append(d.Gaps, DocumentGap{words.Clean(g.Where), words.Clean(g.Why), words.Clean(g.Hint), g.Count, g.Blinds})
	}
	for _, u := range s.Sources {
		d.Sources = append(d.Sources, DocumentSource{words.Clean(u.Name), u.Used, words.Clean(u.Why)})
	}
	return d
}

func documentProcess(s *socket.Snapshot, a *Account, c *commands) DocumentProcess {
	p := s.Process(a.Process)
	d := DocumentProcess{
		PID: p.ID.PID, StartTicks: p.ID.Start, Name: words.Clean(p.Name), Runtime: string(p.Runtime), UID: p.UID,
		DescriptorLimit: p.FDLimit, SocketFDs: a.Descriptors, Identified: a.Identified,
	}
	if !p.Started.IsZero() {
		t := p.Started.UTC()
		d.StartTime = &t
	}
	d.Command = c.text(p.Args)
	d.Cwd, d.Unit, d.Container, d.Pod = words.Clean(p.Cwd), words.Clean(p.Unit), words.Clean(p.Container), words.Clean(p.Pod)
	if p.FDs >= 0 {
		d.Descriptors = &p.FDs
	}
	if len(a.Protocols) > 0 {
		d.Protocols = a.Protocols
	}
	if len(a.NotIdentified) > 0 {
		d.NotIdentified = a.NotIdentified
	}
	if len(a.States) > 0 {
		d.TCPStates = map[string]int{}
		for st, n := range a.States {
			d.TCPStates[st.String()] = n
		}
	}
	return d
}

func documentFinding(s *socket.Snapshot, f *leak.Finding) DocumentFinding {
	d := DocumentFinding{
		Rule: f.Rule, Level: f.Level.String(), Fingerprint: f.Fingerprint(s.Process(f.Process)),
		PID: f.Process.PID, StartTicks: f.Process.Start, Count: len(f.Sockets),
		Summary: words.Clean(f.Summary), Evidence: append([]string{}, cleanAll(f.Evidence)...), Unknown: cleanAll(f.Unknown), Local: addr(f.Local),
		Watched: words.Clean(f.Watched), Matters: words.Clean(f.Matters), Fix: words.Clean(f.Fix),
	}
	if p := s.Process(f.Process); p != nil {
		d.Process = words.Clean(p.Name)
	}
	peers, _ := f.Peers(20)
	for _, p := range peers {
		d.Peers = append(d.Peers, DocumentPeer{peerName(p.Addr), p.Count})
	}
	if f.Age.AtLeast > 0 {
		d.Age = &DocumentAge{AtLeastSeconds: f.Age.AtLeast.Seconds()}
		if f.Age.Bounded {
			most := f.Age.AtMost.Seconds()
			d.Age.AtMostSeconds = &most
		}
	}
	if f.Trend.Growing {
		d.Growth = &DocumentGrowth{f.Trend.Rate, f.Trend.Low, f.Trend.High}
	}
	d.Opened = documentOpenings(f.Openings())
	if f.Location != nil {
		d.Location = &DocumentLocation{words.Clean(f.Location.File), max(f.Location.Line, 0)}
	}
	return d
}

func documentSocket(r *Report, f *leak.Finding, fingerprint string, s *socket.Socket) DocumentSocket {
	d := DocumentSocket{
		Finding: fingerprint, Rule: f.Rule, Verdict: f.Level.String(),
		Inode: s.Inode, Cookie: s.Cookie, NetNS: s.NetNS,
		Proto: words.Clean(s.Proto()), State: s.State.String(), Presence: s.Presence.String(),
		Local: addr(s.Local), Peer: addr(s.Remote),
		AgeAtLeastSeconds: r.History.Age(s).AtLeast.Seconds(),
	}
	for i := range s.Holders {
		if h := &s.Holders[i]; f.Process == (socket.ProcessID{}) || h.Process == f.Process {
			d.PID, d.FD = h.Process.PID, &h.FD
			break
		}
	}
	if k := r.History.Track(s); k != nil {
		first, since := k.First.UTC(), k.StateSince.UTC()
		d.FirstSeen, d.StateSince = &first, &since
	}
	d.Object = documentObject(s)
	if s.UnixInfo != nil {
		d.Path = words.Clean(s.UnixInfo.Path)
	}
	if s.Has(socket.HasQueues) {
		d.RecvQBytes, d.SendQBytes = &s.RecvQ, &s.SendQ
	}
	return d
}

// addr prints an address, or nothing when there is none.
func addr(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// peerName prints an address whose port 0 stands for "several ports".
func peerName(a netip.AddrPort) string {
	if a.Port() == 0 {
		return strings.TrimSuffix(a.String(), "0") + "*"
	}
	return a.String()
}
