//go:build linux

package run

import (
	"os"
	"sync"

	"github.com/sockleak/sockleak/internal/opener"
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/ptrace"
	"github.com/sockleak/sockleak/internal/socket"
)

// Tracer traces one command. It is an [opener.Tracer].
type Tracer struct {
	Options
	fs      proc.FS
	command *ptrace.Command

	mu      sync.Mutex
	births  births
	remarks remarks
	node    *node // nil where the shim could not be written

	// Only the thread of the tracer uses these.
	stacks  *opener.Stacks
	threads map[int]*thread  // by thread id
	running map[int]*process // by pid
	tables  map[int]int      // directories of descriptors, by thread id
	images  uint64           // given out so far
}

// New returns a tracer for a command that is yet to be started. It starts a process
// of its own, which removes at the end what Node.js needs.
func New(o Options) (*Tracer, error) {
	fs, err := proc.New(o.Root)
	if err != nil {
		return nil, err
	}
	stacks, err := opener.NewStacks(o.Root)
	if err != nil {
		return nil, err
	}
	n, _ := newNode()
	return &Tracer{node: n, Options: o, fs: fs, stacks: stacks, births: newBirths(), threads: map[int]*thread{}, running: map[int]*process{}, tables: map[int]int{}}, nil
}

// Start starts the command as os.StartProcess does. Where it fails, nothing of
// the program has run, and it can be started without a tracer.
func (t *Tracer) Start(path string, args []string, attr *os.ProcAttr) (*ptrace.Command, error) {
	with := *attr
	if with.Env == nil {
		with.Env = os.Environ()
	}
	with.Env = environment(with.Env, t.node)
	command, err := ptrace.Start(path, args, &with, ptrace.Options{
		Prepare: t.Prepare, Call: t.call, New: t.forget, Exec: t.exec, Exit: t.Exit, Watch: t.Watch,
	})
	t.command = command
	return command, err
}

// Annotate fills Origin and Life of the sockets that the command has made. A
// process that stands still for the tracer is not stopped.
func (t *Tracer) Annotate(snap *socket.Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range snap.Processes {
		if p := &snap.Processes[i]; p.Target && p.RunState == 't' {
			p.RunState = 'R'
			if t.command.Halted(p.ID.PID) {
				p.RunState = 'T'
			}
		}
	}
	missing := 0
	if t.node != nil {
		t.node.read()
	}
	for _, s := range snap.Sockets {
		if s.Inode == 0 {
			continue
		}
		if o := t.origin(s.Inode); o != nil {
			s.Origin, s.Life = o, &socket.Life{Whole: true}
		} else if len(s.Holders) > 0 {
			missing++
		}
	}
	if missing > 0 {
		snap.Gaps = append(snap.Gaps, socket.Gap{
			Where: "who opened some of the sockets", Why: "the command was given them, or a 32-bit program or io_uring(7) made them", Count: missing,
		})
	}
	snap.Gaps = append(snap.Gaps, t.remarks.gaps()...)
}

// Close forgets everything. It ends no process: what still lives of the command
// ends with this program.
func (t *Tracer) Close() error {
	if t.node == nil {
		return nil
	}
	return t.node.close()
}

// origin returns who opened the socket, in the words of Node.js where it is
// Node's.
func (t *Tracer) origin(inode uint64) *socket.Origin {
	o := t.births.origin(inode)
	if o == nil || t.node == nil || len(o.Frames) > 0 {
		return o
	}
	note := t.node.lines[inode]
	if note == nil || len(note.frames) == 0 {
		return o
	}
	told := *o
	told.Frames, told.Doubt = note.frames, ""
	if note.accepted {
		told.Doubt = "Node.js accepted it by itself: the line is the one that listens"
	}
	t.births.add(inode, &told)
	return &told
}
