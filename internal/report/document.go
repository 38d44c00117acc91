package report

import "time"

// SchemaVersion is the version of the JSON document. The first number grows
// when a field changes its meaning or goes away, the second when one is added.
const SchemaVersion = "1.1"

// Document is the JSON form of a report. It has its own types so that the
// facts can change without changing what was published. The comments of its
// fields are the descriptions of the published schema, see package schema.
type Document struct {
	// version of this document as major.minor; a reader of one major version
	// reads all its minor versions
	SchemaVersion  string             `json:"schema_version" jsonschema:"pattern=^1\\.[0-9]+$"`
	Verdict        Verdict            `json:"verdict"`                      // the outcome in one word
	Partial        bool               `json:"partial,omitempty"`            // something hid sockets of a target, see gaps
	Tool           DocumentTool       `json:"tool"`                         // what made the document
	Time           time.Time          `json:"time"`                         // when the last look began, RFC 3339 in UTC
	Host           DocumentHost       `json:"host"`                         // where it was made
	Looks          int                `json:"looks"`                        // number of looks taken
	WindowSeconds  float64            `json:"window_seconds"`               // from the first look to the last; 0 for one look
	ScanSeconds    float64            `json:"scan_seconds"`                 // how long the last look took
	Processes      []DocumentProcess  `json:"processes"`                    // the targets, by pid
	Findings       []DocumentFinding  `json:"findings"`                     // worst first
	Sockets        []DocumentSocket   `json:"sockets"`                      // the sockets of the findings of level suspect and leak
	NotJudged      int                `json:"sockets_not_judged,omitempty"` // sockets in CLOSE_WAIT without a finding: too young, in use, or too little is known of them
	SocketsLeftOut int                `json:"sockets_left_out,omitempty"`   // how many more sockets there were; archives keep the oldest
	Waiters        []DocumentWaiter   `json:"waiters,omitempty"`            // who waits for sockets, and at which line; at most 256
	WaitersLeftOut int                `json:"waiters_left_out,omitempty"`   // how many more waiters there were
	Opened         []DocumentOpening  `json:"opened,omitempty"`             // where in the code sockets in no finding were opened that are still open, the most frequent place first, at most 20; absent when nobody traced
	Gaps           []DocumentGap      `json:"gaps"`                         // what could not be seen
	Sources        []DocumentSource   `json:"sources"`                      // the sources of facts, in the order in which they were tried
	Settings       []DocumentSettings `json:"settings,omitempty"`           // the settings files that had a say in the judgement
	Hints          []string           `json:"hints,omitempty"`              // what a longer or more privileged look would add
}

// DocumentTool says what made the document.
type DocumentTool struct {
	Name    string `json:"name" jsonschema_extras:"x-opentelemetry=service.name"`       // sockleak
	Version string `json:"version" jsonschema_extras:"x-opentelemetry=service.version"` // of sockleak
	Command string `json:"command"`                                                     // the subcommand, such as scan
	Target  string `json:"target,omitempty"`                                            // what it was told to look at, such as --name api; absent when that is not known
}

// DocumentSettings is a settings file and what it did.
type DocumentSettings struct {
	File     string   `json:"file"`              // as it was named
	Changed  []string `json:"changed,omitempty"` // thresholds that differ from the defaults
	Findings int      `json:"hidden_findings"`   // findings that its entries hid
	Sockets  int      `json:"hidden_sockets"`    // the sockets of those, and of findings that were hidden in part
}

// DocumentHost says where the document was made.
type DocumentHost struct {
	Name   string `json:"name" jsonschema_extras:"x-opentelemetry=host.name"` // nodename as in uname(2)
	BootID string `json:"boot_id,omitempty"`                                  // differs after every boot; pids, inodes and cookies compare within one boot only
	OS     string `json:"os" jsonschema_extras:"x-opentelemetry=os.type"`     // such as linux
}

// DocumentProcess is a target with its account of socket descriptors:
// socket_descriptors = identified + the sum of not_identified.
type DocumentProcess struct {
	PID             int            `json:"pid" jsonschema_extras:"x-opentelemetry=process.pid"`                                          // process id, in sockleak's own pid namespace
	StartTicks      uint64         `json:"start_ticks"`                                                                                  // start in clock ticks after boot (field 22 of /proc/PID/stat); with pid the identity of the process
	StartTime       *time.Time     `json:"start_time,omitempty" jsonschema_extras:"x-opentelemetry=process.creation.time"`               // start as RFC 3339 in UTC
	Name            string         `json:"name" jsonschema_extras:"x-opentelemetry=process.executable.name"`                             // comm, up to 15 bytes; control characters are escaped
	Command         []string       `json:"command,omitempty" jsonschema_extras:"x-opentelemetry=process.command_args"`                   // command line, cut, with *** in place of what may be secret (--full-command shows it); control characters are escaped
	Runtime         string         `json:"runtime,omitempty" jsonschema_extras:"x-opentelemetry=process.runtime.name"`                   // language runtime as far as the process shows it
	Cwd             string         `json:"cwd,omitempty" jsonschema_extras:"x-opentelemetry=process.working_directory"`                  // working directory; absent when it may not be read
	Unit            string         `json:"unit,omitempty"`                                                                               // systemd service or scope that its cgroup belongs to
	Container       string         `json:"container,omitempty" jsonschema_extras:"x-opentelemetry=container.id"`                         // id of the innermost container that its cgroup belongs to
	Pod             string         `json:"pod,omitempty" jsonschema_extras:"x-opentelemetry=k8s.pod.uid"`                                // uid of the Kubernetes pod that its cgroup belongs to
	UID             uint32         `json:"uid" jsonschema_extras:"x-opentelemetry=process.real_user.id"`                                 // real user id
	Descriptors     *int           `json:"descriptors,omitempty" jsonschema_extras:"x-opentelemetry=process.unix.file_descriptor.count"` // open file descriptors; absent when not known
	DescriptorLimit uint64         `json:"descriptor_limit,omitempty"`                                                                   // soft RLIMIT_NOFILE; absent when not known
	SocketFDs       int            `json:"socket_descriptors"`                                                                           // descriptors that are sockets
	Identified      int            `json:"identified"`                                                                                   // descriptors whose socket is known
	NotIdentified   map[string]int `json:"not_identified,omitempty"`                                                                     // descriptors whose socket is not known, by reason
	Protocols       map[string]int `json:"protocols,omitempty"`                                                                          // socket descriptors by protocol or family
	TCPStates       map[string]int `json:"tcp_states,omitempty" jsonschema_extras:"x-opentelemetry=network.connection.state"`            // TCP sockets by state, in the names of RFC 9293
}

// DocumentFinding is one cause at one place: sockets of one process that one
// rule explains.
type DocumentFinding struct {
	Rule        string            `json:"rule"`                                                                          // as in sockleak explain RULE
	Level       string            `json:"level" jsonschema:"enum=note,enum=suspect,enum=leak"`                           // how much it proves
	Fingerprint string            `json:"fingerprint"`                                                                   // the same from run to run, host to host and after a restart; where one place in the code is known to have opened the sockets, that follows behind a dash
	PID         int               `json:"pid,omitempty" jsonschema_extras:"x-opentelemetry=process.pid"`                 // absent when no process owns the sockets
	StartTicks  uint64            `json:"start_ticks,omitempty"`                                                         // of the process, in clock ticks after boot
	Process     string            `json:"process,omitempty" jsonschema_extras:"x-opentelemetry=process.executable.name"` // its name
	Count       int               `json:"count"`                                                                         // number of sockets
	Summary     string            `json:"summary"`                                                                       // what the process does, in words
	Evidence    []string          `json:"evidence"`                                                                      // what shows it, in words and numbers
	Unknown     []string          `json:"unknown,omitempty"`                                                             // what is not known, and would tell it from its healthy look-alikes
	Local       string            `json:"local,omitempty" jsonschema_extras:"x-opentelemetry=network.local.address"`     // address:port of the listener or of the accepted sockets
	Peers       []DocumentPeer    `json:"peers,omitempty"`                                                               // the other ends, the most frequent first, at most 20
	Age         *DocumentAge      `json:"age,omitempty"`                                                                 // of the oldest socket in its state; absent when not known
	Growth      *DocumentGrowth   `json:"growth,omitempty"`                                                              // absent when the number of sockets does not grow or was not followed
	Watched     string            `json:"watched,omitempty"`                                                             // who waits for the sockets; absent when nobody looked
	Matters     string            `json:"matters,omitempty"`                                                             // what it leads to
	Fix         string            `json:"fix"`                                                                           // what to change in the code
	Opened      []DocumentOpening `json:"opened,omitempty"`                                                              // where in the code the sockets were opened, the most frequent place first, at most 20; absent when nobody traced
	Location    *DocumentLocation `json:"location,omitempty"`                                                            // the line of code to look at; absent when not known
}

// DocumentLocation is a place in source code.
type DocumentLocation struct {
	File string `json:"file" jsonschema_extras:"x-opentelemetry=code.file.path"`             // relative to the root of the sources where that is known
	Line int    `json:"line,omitempty" jsonschema_extras:"x-opentelemetry=code.line.number"` // from 1; absent when only the file is known
}

// DocumentPeer is a remote address with its number of sockets.
type DocumentPeer struct {
	Address string `json:"address" jsonschema_extras:"x-opentelemetry=network.peer.address"` // address:port, the port * where there are several
	Count   int    `json:"count"`                                                            // number of sockets
}

// DocumentAge bounds how long the oldest socket has been in its state.
type DocumentAge struct {
	AtLeastSeconds float64  `json:"at_least_seconds"`          // proven by the kernel's timestamps or by earlier looks
	AtMostSeconds  *float64 `json:"at_most_seconds,omitempty"` // absent when there is no upper bound
}

// DocumentGrowth is how fast a group grows, with the quartiles of the slope.
type DocumentGrowth struct {
	PerSecond     float64 `json:"per_second"`      // sockets per second, the median slope
	LowPerSecond  float64 `json:"low_per_second"`  // lower quartile
	HighPerSecond float64 `json:"high_per_second"` // upper quartile
}

// DocumentSocket is one socket of a finding.
type DocumentSocket struct {
	Finding           string          `json:"finding"`                                                                   // fingerprint of the finding
	Rule              string          `json:"rule"`                                                                      // rule of the finding
	Verdict           string          `json:"verdict" jsonschema:"enum=suspect,enum=leak"`                               // level of the finding
	PID               int             `json:"pid,omitempty" jsonschema_extras:"x-opentelemetry=process.pid"`             // of the holder that the finding names
	FD                *int32          `json:"fd,omitempty"`                                                              // its descriptor; absent when no process holds the socket
	Inode             uint64          `json:"inode,omitempty"`                                                           // the number in socket:[N]; absent when no file refers to it
	Cookie            uint64          `json:"cookie,omitempty"`                                                          // SO_COOKIE; with netns and boot_id the identity of the socket
	NetNS             uint64          `json:"netns,omitempty"`                                                           // inode of its network namespace
	Proto             string          `json:"proto" jsonschema_extras:"x-opentelemetry=network.transport"`               // such as tcp, udp, unix
	State             string          `json:"state" jsonschema_extras:"x-opentelemetry=network.connection.state"`        // in the names of RFC 9293, such as CLOSE_WAIT
	Presence          string          `json:"presence"`                                                                  // in which table of the kernel it is, and if in none, why
	Local             string          `json:"local,omitempty" jsonschema_extras:"x-opentelemetry=network.local.address"` // address:port
	Peer              string          `json:"peer,omitempty" jsonschema_extras:"x-opentelemetry=network.peer.address"`   // address:port
	Path              string          `json:"path,omitempty"`                                                            // of a UNIX socket, @ in front when abstract; control characters are escaped
	RecvQBytes        *uint32         `json:"recvq_bytes,omitempty"`                                                     // unread bytes; in CLOSE_WAIT the peer's FIN counts as one, of a listener the length of its accept queue
	SendQBytes        *uint32         `json:"sendq_bytes,omitempty"`                                                     // unsent and unacknowledged bytes; of a listener the limit of its accept queue
	AgeAtLeastSeconds float64         `json:"age_at_least_seconds,omitempty"`                                            // in its state; absent when not known
	FirstSeen         *time.Time      `json:"first_seen,omitempty"`                                                      // when the look began that saw it first, RFC 3339 in UTC; absent after one look
	StateSince        *time.Time      `json:"state_since,omitempty"`                                                     // when the look began that saw it first in its present state
	Object            *DocumentObject `json:"object,omitempty"`                                                          // what the program's language thinks of it (CPython); absent when not known
}

// DocumentGap is something that could not be seen.
type DocumentGap struct {
	Where  string `json:"where"`          // what could not be seen
	Why    string `json:"why"`            // the reason
	Hint   string `json:"hint,omitempty"` // what to do about it
	Count  int    `json:"count"`          // how many things of this kind
	Blinds bool   `json:"blinds"`         // true when it hides sockets of a target, so that finding nothing proves nothing
}

// DocumentSource says which source was used and why.
type DocumentSource struct {
	Name string `json:"name"`          // of the source
	Used bool   `json:"used"`          // whether it contributed
	Why  string `json:"why,omitempty"` // why or why not
}
