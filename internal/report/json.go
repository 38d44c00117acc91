package report

import (
	"encoding/json"
	"io"
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// SchemaVersion is the version of the JSON document. The first number grows
// when a field changes its meaning or goes away, the second when one is added.
const SchemaVersion = "1.0"

// Document is the JSON form of a report. It has its own types so that the
// facts can change without changing what was published.
type Document struct {
	SchemaVersion string            `json:"schema_version"`
	Verdict       Verdict           `json:"verdict"`
	Tool          DocumentTool      `json:"tool"`
	Time          time.Time         `json:"time"` // RFC 3339, UTC
	Host          DocumentHost      `json:"host"`
	Looks         int               `json:"looks"`
	WindowSeconds float64           `json:"window_seconds"`
	ScanSeconds   float64           `json:"scan_seconds"`
	Processes     []DocumentProcess `json:"processes"`
	Findings      []DocumentFinding `json:"findings"`
	Sockets       []DocumentSocket  `json:"sockets"` // of the findings of level suspect and leak
	// SocketsLeftOut is how many more there were; archives keep the oldest.
	SocketsLeftOut int              `json:"sockets_left_out,omitempty"`
	Gaps           []DocumentGap    `json:"gaps"`
	Sources        []DocumentSource `json:"sources"`
	Hints          []string         `json:"hints,omitempty"`
}

// DocumentTool says what made the document.
type DocumentTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Command string `json:"command"`
}

// DocumentHost says where it was made. BootID changes with every boot.
type DocumentHost struct {
	Name   string `json:"name"`
	BootID string `json:"boot_id,omitempty"`
	OS     string `json:"os"`
}

// DocumentProcess is a target with its account of socket descriptors.
type DocumentProcess struct {
	PID             int            `json:"pid"`
	StartTicks      uint64         `json:"start_ticks"`
	StartTime       *time.Time     `json:"start_time,omitempty"`
	Name            string         `json:"name"`
	Command         []string       `json:"command,omitempty"`
	Runtime         string         `json:"runtime,omitempty"`
	UID             uint32         `json:"uid"`
	Descriptors     *int           `json:"descriptors,omitempty"`
	DescriptorLimit uint64         `json:"descriptor_limit,omitempty"`
	SocketFDs       int            `json:"socket_descriptors"`
	Identified      int            `json:"identified"`
	NotIdentified   map[string]int `json:"not_identified,omitempty"` // reason: descriptors
	TCPStates       map[string]int `json:"tcp_states,omitempty"`
}

// DocumentFinding is one finding.
type DocumentFinding struct {
	Rule        string          `json:"rule"`
	Level       string          `json:"level"`
	Fingerprint string          `json:"fingerprint"` // the same from run to run
	PID         int             `json:"pid,omitempty"`
	StartTicks  uint64          `json:"start_ticks,omitempty"`
	Process     string          `json:"process,omitempty"`
	Count       int             `json:"count"`
	Summary     string          `json:"summary"`
	Evidence    []string        `json:"evidence"`
	Local       string          `json:"local,omitempty"`
	Peers       []DocumentPeer  `json:"peers,omitempty"`
	Age         *DocumentAge    `json:"age,omitempty"`
	Growth      *DocumentGrowth `json:"growth,omitempty"`
	Watched     string          `json:"watched,omitempty"`
	Matters     string          `json:"matters,omitempty"`
	Fix         string          `json:"fix"`
}

// DocumentPeer is a remote address with its number of sockets.
type DocumentPeer struct {
	Address string `json:"address"`
	Count   int    `json:"count"`
}

// DocumentAge bounds how long the oldest socket has been in its state.
type DocumentAge struct {
	AtLeastSeconds float64  `json:"at_least_seconds"`
	AtMostSeconds  *float64 `json:"at_most_seconds,omitempty"`
}

// DocumentGrowth is how fast a group grows, with the quartiles of the slope.
type DocumentGrowth struct {
	PerSecond     float64 `json:"per_second"`
	LowPerSecond  float64 `json:"low_per_second"`
	HighPerSecond float64 `json:"high_per_second"`
}

// DocumentSocket is one socket of a finding.
type DocumentSocket struct {
	Finding           string  `json:"finding"` // DocumentFinding.Fingerprint
	Rule              string  `json:"rule"`
	Verdict           string  `json:"verdict"` // the finding's level
	PID               int     `json:"pid,omitempty"`
	FD                *int32  `json:"fd,omitempty"`
	Inode             uint64  `json:"inode,omitempty"`
	Cookie            uint64  `json:"cookie,omitempty"`
	NetNS             uint64  `json:"netns,omitempty"`
	Proto             string  `json:"proto"`
	State             string  `json:"state"`
	Presence          string  `json:"presence"`
	Local             string  `json:"local,omitempty"`
	Peer              string  `json:"peer,omitempty"`
	Path              string  `json:"path,omitempty"`
	RecvQBytes        *uint32 `json:"recvq_bytes,omitempty"`
	SendQBytes        *uint32 `json:"sendq_bytes,omitempty"`
	AgeAtLeastSeconds float64 `json:"age_at_least_seconds"`
	// FirstSeen and StateSince are the times of the looks that saw the socket
	// first, and first in its present state.
	FirstSeen  *time.Time `json:"first_seen,omitempty"`
	StateSince *time.Time `json:"state_since,omitempty"`
}

// DocumentGap is something that could not be seen.
type DocumentGap struct {
	Where  string `json:"where"`
	Why    string `json:"why"`
	Hint   string `json:"hint,omitempty"`
	Count  int    `json:"count"`
	Blinds bool   `json:"blinds"` // hides sockets of a target
}

// DocumentSource says which source was used and why.
type DocumentSource struct {
	Name string `json:"name"`
	Used bool   `json:"used"`
	Why  string `json:"why,omitempty"`
}

func jsonDocument() Format {
	return Format{
		Name: "json",
		Doc:  "one JSON document with schema_version",
		Write: func(w io.Writer, r *Report, _ Options) error {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			return enc.Encode(NewDocument(r))
		},
	}
}

// NewDocument turns a report into its JSON form.
func NewDocument(r *Report) *Document {
	s := r.Snapshot
	d := &Document{
		SchemaVersion: SchemaVersion,
		Verdict:       r.Verdict,
		Tool:          DocumentTool{"sockleak", r.Version, r.Command},
		Time:          s.Taken.UTC(),
		Host:          DocumentHost{Clean(s.Host), s.BootID, s.OS},
		Looks:         r.Looks(),
		WindowSeconds: r.Window().Seconds(),
		ScanSeconds:   s.Duration.Seconds(),
		Processes:     []DocumentProcess{},
		Findings:      []DocumentFinding{},
		Sockets:       []DocumentSocket{},
		Gaps:          []DocumentGap{},
		Sources:       []DocumentSource{},
		Hints:         r.Hints,
	}
	for i := range r.Accounts {
		d.Processes = append(d.Processes, documentProcess(s, &r.Accounts[i]))
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		df := documentFinding(s, f)
		d.Findings = append(d.Findings, df)
		if f.Level >= leak.Suspect {
			for _, sock := range f.Sockets {
				d.Sockets = append(d.Sockets, documentSocket(r, f, df.Fingerprint, sock))
			}
		}
	}
	for _, g := range s.Gaps {
		d.Gaps = append(d.Gaps, DocumentGap{Clean(g.Where), Clean(g.Why), g.Hint, g.Count, g.Blinds})
	}
	for _, u := range s.Sources {
		d.Sources = append(d.Sources, DocumentSource{u.Name, u.Used, u.Why})
	}
	return d
}

func documentProcess(s *socket.Snapshot, a *Account) DocumentProcess {
	p := s.Process(a.Process)
	d := DocumentProcess{
		PID: p.ID.PID, StartTicks: p.ID.Start, Name: Clean(p.Name), Runtime: string(p.Runtime), UID: p.UID,
		DescriptorLimit: p.FDLimit, SocketFDs: a.Descriptors, Identified: a.Identified,
	}
	if !p.Started.IsZero() {
		t := p.Started.UTC()
		d.StartTime = &t
	}
	for _, arg := range p.Args {
		d.Command = append(d.Command, Clean(arg))
	}
	if p.FDs >= 0 {
		d.Descriptors = &p.FDs
	}
	if len(a.NotIdentified) > 0 {
		d.NotIdentified = map[string]int{}
		for why, n := range a.NotIdentified {
			d.NotIdentified[why.String()] = n
		}
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
		Summary: Clean(f.Summary), Evidence: []string{}, Local: addr(f.Local),
		Watched: Clean(f.Watched), Matters: f.Matters, Fix: f.Fix,
	}
	if p := s.Process(f.Process); p != nil {
		d.Process = Clean(p.Name)
	}
	for _, e := range f.Evidence {
		d.Evidence = append(d.Evidence, Clean(e))
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
	return d
}

func documentSocket(r *Report, f *leak.Finding, fingerprint string, s *socket.Socket) DocumentSocket {
	d := DocumentSocket{
		Finding: fingerprint, Rule: f.Rule, Verdict: f.Level.String(),
		Inode: s.Inode, Cookie: s.Cookie, NetNS: s.NetNS,
		Proto: s.Proto(), State: s.State.String(), Presence: s.Presence.String(),
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
	if s.UnixInfo != nil {
		d.Path = Clean(s.UnixInfo.Path)
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
		return a.Addr().String() + ":*"
	}
	return a.String()
}
