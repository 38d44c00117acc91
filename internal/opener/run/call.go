//go:build linux

package run

import (
	"encoding/binary"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/opener"
	"github.com/sockleak/sockleak/internal/ptrace"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/native"
)

// process is a process of the command, while it runs one program.
type process struct {
	id    socket.ProcessID
	image uint64
	java  *java // nil of other programs
}

// thread is a thread of the command.
type thread struct {
	*process
	name string // comm
}

// call notes the birth of what a system call has made.
func (t *Tracer) call(c *ptrace.Call) (hold bool) {
	if c.Result < 0 {
		return false
	}
	inodes := t.made(c)
	if len(inodes) == 0 {
		return false
	}
	th := t.thread(c.TID)
	o := &socket.Origin{At: t.Now(), Process: th.id, Thread: c.TID, Name: th.name, Call: name(c.Number)}
	stack := t.stacks.Read(opener.Place{
		PID: th.id.PID, TID: c.TID, Image: th.image, Goroutine: c.Go(),
		Registers: native.Registers{PC: c.PC, SP: c.SP, Others: c.Saved()},
	})
	o.Start, o.Doubt = stack.Start, stack.Doubt
	t.mu.Lock()
	defer t.mu.Unlock()
	o.Frames = t.births.share(stack.Frames)
	hold = t.ask(c, th, o, inodes)
	for _, inode := range inodes {
		t.births.add(inode, o)
	}
	return hold
}

// mostTables bounds how many directories of descriptors are kept open.
const mostTables = 64

// table returns the directory of a thread's own descriptors, which it may not
// share with others of its process; -1 where it cannot be opened.
func (t *Tracer) table(tid int) int {
	if fd, open := t.tables[tid]; open {
		return fd
	}
	if len(t.tables) >= mostTables {
		t.closeTables()
	}
	fd, err := unix.Open(t.dir(tid)+"/fd", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	t.tables[tid] = fd
	return fd
}

func (t *Tracer) closeTables() {
	for _, fd := range t.tables {
		_ = unix.Close(fd)
	}
	clear(t.tables)
}

// made returns the inodes of the sockets that a call has made.
func (t *Tracer) made(c *ptrace.Call) (inodes []uint64) {
	fds := []int32{int32(c.Result)}
	if c.Number == unix.SYS_SOCKETPAIR {
		word, err := c.Word(c.Args[3]) // int sv[2]
		if err != nil {
			return nil
		}
		var pair [8]byte
		binary.NativeEndian.PutUint64(pair[:], word)
		fds = []int32{int32(binary.NativeEndian.Uint32(pair[:])), int32(binary.NativeEndian.Uint32(pair[4:]))}
	}
	table := t.table(c.TID)
	for _, fd := range fds {
		var st unix.Stat_t
		if err := unix.Fstatat(table, strconv.Itoa(int(fd)), &st, 0); err == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK {
			inodes = append(inodes, st.Ino)
		}
	}
	return inodes
}

func name(number int) string {
	switch number {
	case unix.SYS_SOCKET:
		return "socket"
	case unix.SYS_SOCKETPAIR:
		return "socketpair"
	case unix.SYS_ACCEPT:
		return "accept"
	}
	return "accept4"
}

// mostThreads bounds how many are known at a time.
const mostThreads = 1 << 15

// thread returns what is known of a thread.
func (t *Tracer) thread(tid int) *thread {
	if th := t.threads[tid]; th != nil {
		return th
	}
	if len(t.threads) >= mostThreads { // most of them have ended
		clear(t.threads)
		clear(t.running)
	}
	pid := tid
	if status, err := os.ReadFile(fmt.Sprintf("%s/%d/status", t.Root, tid)); err == nil {
		_, rest, _ := strings.Cut(string(status), "\nTgid:\t")
		fmt.Sscan(rest, &pid)
	}
	comm, _ := os.ReadFile(fmt.Sprintf("%s/%d/task/%d/comm", t.Root, pid, tid))
	th := &thread{process: t.process(pid), name: strings.TrimSuffix(string(comm), "\n")}
	t.threads[tid] = th
	return th
}

// dir is the directory of a process or thread.
func (t *Tracer) dir(id int) string { return t.Root + "/" + strconv.Itoa(id) }

func (t *Tracer) process(pid int) *process {
	p := t.running[pid]
	if p == nil {
		t.images++
		p = &process{id: socket.ProcessID{PID: pid}, image: t.images}
		p.id.Start, _ = t.fs.Start(pid)
		if exe, _ := os.Readlink(t.dir(pid) + "/exe"); path.Base(exe) == "java" {
			p.java = newJava(t.dir(pid), t.Now())
		}
		t.running[pid] = p
	}
	return p
}

// forget forgets whoever had the id of a new thread before.
func (t *Tracer) forget(tid int) {
	delete(t.threads, tid)
	delete(t.running, tid)
	if fd, open := t.tables[tid]; open {
		_ = unix.Close(fd)
		delete(t.tables, tid)
	}
}

// exec notes that a process runs another program now, in one thread.
func (t *Tracer) exec(pid int, missing ptrace.Need) {
	t.forget(pid)
	if remark := remarkable(t.Root, pid, missing); remark != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.remarks.add(remark)
	}
}
