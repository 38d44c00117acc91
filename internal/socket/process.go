package socket

import "time"

// Process is what is known of a process that holds sockets.
type Process struct {
	ID     ProcessID
	Parent int      // pid of the parent; 0 when not known
	Name   string   // comm, up to 15 bytes, untrusted
	Args   []string // command line, untrusted; may be empty
	Exe    string   // path of the executable, "" when it may not be read
	Cwd    string   // working directory, untrusted; "" when it may not be read
	UID    uint32   // real uid
	// Started is when it was forked: by the boot time, which is known to the
	// second and rounded down, so that it may be a second too early, never too
	// late, while nobody sets the clock; zero when not known.
	Started time.Time
	NetNS   uint64 // inode of its network namespace; 0 when not known
	Cgroup  string // path of its cgroup, untrusted
	Runtime Runtime

	// What the path of its cgroup says it belongs to; "" where it says nothing.
	Unit      string // systemd service or scope, such as nginx.service; untrusted
	Container string // id of the innermost container
	Pod       string // uid of the Kubernetes pod

	Target bool // the user asked for it; others are peers and co-holders

	FDs       int    // open descriptors; -1 when not known
	FDLimit   uint64 // RLIMIT_NOFILE, soft; 0 when not known
	SocketFDs int    // descriptors that are sockets; -1 when not known
	Threads   int    // 0 when not known
	// Idle is how many of the threads sleep in a system call that waits on a
	// descriptor; -1 when nobody looked or they could not be read. The others
	// run, or wait for something else: they may be handling a connection.
	Idle int
	// Tasks is what each thread did, in rising order of thread ids; nil when
	// nobody looked or they could not be read.
	Tasks []Task
	CPU   time.Duration // user and system time used so far
	// RunState is the state of the thread leader, the letter of field 3 of
	// /proc/PID/stat (proc_pid_stat(5)): R, S, D, T when the process was stopped
	// by a signal, t when a debugger has stopped it, Z when other threads have
	// outlived the leader; 0 when not known. It needs no privilege.
	RunState byte
	// Frozen is true when its cgroup is frozen or just being frozen
	// (cgroup.events of cgroup v2, freezer.state of v1), as docker pause does:
	// none of its threads runs, whatever RunState says. It needs no privilege.
	Frozen      bool
	FrozenKnown bool // that was read; false where the cgroup's directory is not visible here
	// Load is the share of one core that the process used or waited for while
	// the look lasted; -1 when nobody measured it.
	Load float64
}

// StartedAfter reports whether the process is known to have been forked after the
// time. A socket that is older than all of its holders was inherited from another
// process, or passed on by one (SCM_RIGHTS of unix(7)).
func (p *Process) StartedAfter(t time.Time) bool { return !p.Started.IsZero() && p.Started.After(t) }

// Stopped reports whether it is known that no thread of the process can run: a
// signal or a debugger has stopped it, or its cgroup is frozen.
func (p *Process) Stopped() bool {
	return p.Frozen || p.RunState == 'T' || p.RunState == 't'
}

// Runtime is the language runtime of a process, as far as the process itself
// shows it. It selects the remedy.
type Runtime string

// The runtimes with remedies of their own.
const (
	RuntimeUnknown Runtime = ""
	Native         Runtime = "native"
	Python         Runtime = "python"
	Go             Runtime = "go"
	Node           Runtime = "node"
	Java           Runtime = "java"
	Ruby           Runtime = "ruby"
	DotNet         Runtime = "dotnet"
	PHP            Runtime = "php"
	Erlang         Runtime = "erlang" // and Elixir: what beam.smp runs
)
