package report

import (
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// taken is when every fixture's last look began.
var taken = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// reports returns the hand-built reports that the golden files show.
func reports() map[string]*Report {
	return map[string]*Report{
		"clean":   cleanReport(),
		"leaky":   leakyReport(),
		"unknown": unknownReport(),
		"hostile": hostileReport(hostileText),
	}
}

// hostileText attacks every syntax that a format writes.
const hostileText = "a\x1b[31mred\x1b]8;;http://x\x07\r\n::error::pwned\n##[stop-commands]x\n]]><evil a='\"'>&amp;" +
	" `code` ```\n``` | *b* [l](javascript:x) <img src=x> @team #1 \xff\xfe\u202Eevil\u2066\u200b\u2028 {x=\"y\"} 50%25 a:b,c \\\ufffe"

func fixtureRules() []leak.Rule {
	doc := func(means string) leak.Doc {
		return leak.Doc{Means: means, Causes: "A path that forgets close().", Evidence: "The state and its age.",
			BlindSpot: "What happens later."}
	}
	remedy := leak.Remedy{Any: leak.Advice{socket.RuntimeUnknown: "close the socket on every path"}}
	return []leak.Rule{
		{ID: "close-wait-eof-read", Title: "EOF was read, close() never followed", Severity: leak.Leak,
			Doc: doc("The peer is done, the program is not."), Remedy: remedy},
		{ID: "fin-wait2-held", Title: "half-closed and held", Severity: leak.Suspect,
			Doc: doc("The program said it is done and waits for the peer."), Remedy: remedy},
		{ID: "time-wait", Title: "many sockets in TIME_WAIT", Severity: leak.Note,
			Doc: doc("Connections end here first."), Remedy: remedy},
	}
}

func fixtureSnapshot(procs []socket.Process, socks []*socket.Socket) *socket.Snapshot {
	return &socket.Snapshot{
		Taken: taken, Duration: 12 * time.Millisecond, BootID: "6f1c0a52-0000-4000-8000-000000000001",
		Host: "web-1", OS: "linux", Processes: procs, Sockets: socks,
		Sources: []socket.SourceUse{
			{Name: "sockdiag", Used: true, Why: "tables of 1 namespace"},
			{Name: "bpf", Used: false, Why: "needs CAP_BPF"},
		},
	}
}

// fixtureReport has the snapshot looked at twice, 30 s apart.
func fixtureReport(s *socket.Snapshot, findings []leak.Finding) *Report {
	first := *s
	first.Taken = s.Taken.Add(-30 * time.Second)
	h := track.NewHistory()
	h.Add(&first)
	h.Add(s)
	r := Of(h.Now(), h, findings)
	r.Rules = fixtureRules()
	r.Version, r.Command = "1.2.3", "scan"
	return r
}

func fixtureProcesses() []socket.Process {
	started := taken.Add(-2 * time.Hour)
	return []socket.Process{
		{ID: socket.ProcessID{PID: 42, Start: 100}, Name: "api", Args: []string{"python3", "api.py"}, UID: 1000,
			Started: started, Runtime: socket.Python, Target: true, FDs: 900, FDLimit: 1024, SocketFDs: 5,
			Unit: "api.service", Cwd: "/srv/api"},
		{ID: socket.ProcessID{PID: 43, Start: 110}, Name: "worker", Args: []string{"node", "w.js"}, UID: 1000,
			Started: started, Runtime: socket.Node, Target: true, FDs: 12, FDLimit: 1024},
		{ID: socket.ProcessID{PID: 44, Start: 111}, Name: "worker", Args: []string{"node", "w.js"}, UID: 1000,
			Started: started, Runtime: socket.Node, Target: true, FDs: -1,
			Unit: "cri-containerd-0123456789abcdef.scope", Container: "0123456789abcdef", Pod: "6f0a7c52-5f0f"},
	}
}

// fixtureSocket is a TCP socket of the process, or of nobody when pid is 0.
func fixtureSocket(p socket.ProcessID, n int, state socket.State, local, remote string) *socket.Socket {
	s := &socket.Socket{
		NetNS: 4026531840, Cookie: uint64(1000 + n), Family: socket.IPv4, Type: socket.Stream,
		Protocol: socket.TCP, State: state, Presence: socket.InTable,
		Facts: socket.HasState | socket.HasAddrs | socket.HasQueues | socket.HasTCPInfo,
		Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort(remote),
		TCP: socket.TCPInfo{LastAckRecv: 90 * time.Minute, LastDataRecv: 100 * time.Minute},
	}
	if p.PID != 0 {
		s.Inode = uint64(2000 + n)
		s.Holders = []socket.Holder{{Process: p, FD: int32(3 + n)}}
	}
	return s
}

func cleanReport() *Report {
	procs := fixtureProcesses()
	return fixtureReport(fixtureSnapshot(procs, []*socket.Socket{
		fixtureSocket(procs[0].ID, 1, socket.Established, "10.0.0.1:40000", "10.0.0.5:5432"),
	}), nil)
}

func leakyReport() *Report {
	procs := fixtureProcesses()
	api, worker := procs[0].ID, procs[2].ID
	a := fixtureSocket(api, 1, socket.CloseWait, "10.0.0.1:40001", "10.0.0.5:5432")
	b := fixtureSocket(api, 2, socket.CloseWait, "10.0.0.1:40002", "10.0.0.5:5432")
	c := fixtureSocket(worker, 3, socket.FinWait2, "[2001:db8::1]:40003", "[2001:db8::2]:443")
	d := fixtureSocket(socket.ProcessID{}, 4, socket.TimeWait, "10.0.0.1:40004", "10.0.0.5:5432")
	u := &socket.Socket{Family: socket.Unix, Type: socket.Stream, Inode: 2005, State: socket.Established,
		Facts: socket.HasState, UnixInfo: &socket.UnixInfo{Path: "/run/db.sock"},
		Holders: []socket.Holder{{Process: api, FD: 9}}}
	findings := []leak.Finding{
		{Rule: "close-wait-eof-read", Level: leak.Leak, Process: api, Remote: a.Remote, Sockets: []*socket.Socket{a, b},
			Summary:  "holds 2 sockets that 10.0.0.5:5432 closed",
			Evidence: []string{"the peer's FIN was consumed (recv-q 0) and close() never followed", "2 of 2 samples saw them"},
			Age:      track.Age{AtLeast: 90 * time.Minute, AtMost: 100 * time.Minute, Bounded: true},
			Trend:    track.Trend{Growing: true, Rate: 3.4, Low: 3.1, High: 3.6, From: 10, To: 110},
			Watched:  "by nothing: in no epoll set, no thread is waiting on it",
			Matters:  "900 of 1024 descriptors in use; at this rate the limit falls in 36 s",
			Fix:      "close in `finally`, or use `with socket...`",
			Location: &leak.Location{File: "src/db pool.py", Line: 17}},
		{Rule: "fin-wait2-held", Level: leak.Suspect, Process: worker, Remote: c.Remote, Sockets: []*socket.Socket{c},
			Summary: "holds 1 half-closed socket to [2001:db8::2]:443", Evidence: []string{"no timer is armed"},
			Unknown: []string{"whether the peer still waits: it is on another machine"},
			Age:     track.Age{AtLeast: 5 * time.Second}, Fix: "socket.destroy() after socket.end()"},
		{Rule: "time-wait", Level: leak.Note, Sockets: []*socket.Socket{d},
			Summary: "1 socket in TIME_WAIT to 10.0.0.5:5432", Evidence: []string{"1 of 28232 ephemeral ports"},
			Fix: "nothing: TIME_WAIT is normal"},
	}
	return fixtureReport(fixtureSnapshot(procs, []*socket.Socket{a, b, c, d, u}), findings)
}

func unknownReport() *Report {
	procs := fixtureProcesses()[:1]
	procs[0].FDs = -1
	s := fixtureSnapshot(procs, nil)
	s.Gaps = []socket.Gap{
		{Where: "descriptors of pid 42", Why: "permission denied", Hint: "run as root or with CAP_SYS_PTRACE", Count: 1, Blinds: true},
		{Where: "commands of other users", Why: "hidepid", Count: 3},
	}
	r := fixtureReport(s, nil)
	r.Settings = []SettingsFile{{Path: ".sockleak.yaml", Changed: []string{"grace 10s instead of 5s"}, Findings: 1, Sockets: 3}}
	r.Hints = []string{"sockleak doctor says what this user can see"}
	return r
}

// hostileReport has the text wherever a string comes from another process
// or from outside.
func hostileReport(text string) *Report {
	procs := fixtureProcesses()[:2]
	procs[0].Name, procs[0].Args, procs[0].Cgroup = text, []string{text, ""}, text
	procs[0].Unit, procs[0].Cwd = text, text
	procs[1].Name = ""
	a := fixtureSocket(procs[0].ID, 1, socket.CloseWait, "10.0.0.1:40001", "10.0.0.5:5432")
	u := &socket.Socket{Family: socket.Unix, Type: socket.Stream, Inode: 2005, State: socket.Established,
		UnixInfo: &socket.UnixInfo{Path: text}, Holders: []socket.Holder{{Process: procs[0].ID, FD: 9}}}
	odd := &socket.Socket{Inode: 2006, ProtoName: text, Holders: []socket.Holder{{Process: procs[0].ID, FD: 10}}}
	s := fixtureSnapshot(procs, []*socket.Socket{a, u, odd})
	s.Host, s.BootID = text, text
	s.Gaps = []socket.Gap{{Where: text, Why: text, Hint: text, Count: 1, Blinds: true}}
	s.Sources[1].Why = text
	r := fixtureReport(s, []leak.Finding{
		{Rule: "close-wait-eof-read", Level: leak.Leak, Process: procs[0].ID, Sockets: []*socket.Socket{a, u, odd},
			Summary: text, Evidence: []string{text, text}, Unknown: []string{text}, Watched: text, Matters: text, Fix: text,
			Location: &leak.Location{File: text, Line: -1}},
		{Rule: "fin-wait2-held", Level: leak.Suspect, Process: procs[1].ID, Sockets: []*socket.Socket{odd}, Summary: text},
		{Rule: "time-wait", Level: leak.Note, Summary: text},
	})
	r.Version, r.Hints = text, []string{text}
	r.Settings = []SettingsFile{{Path: text, Changed: []string{text}, Findings: 1, Sockets: 1}}
	return r
}
