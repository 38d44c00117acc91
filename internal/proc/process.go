//go:build linux

package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
	"golang.org/x/sys/unix"
)

// Process describes a process from the files stat, status, cmdline, exe,
// cwd, cgroup, limits and ns/net under /proc/PID, the size of /proc/PID/fd, and the
// state of its cgroup.
//
// Only the executable, the working directory and a network namespace other than
// our own need CAP_SYS_PTRACE for another user's process. What may not be read,
// or this kernel does not have, stays unknown as [socket.Process] says. It fails when the process is gone
// ([ErrGone]) or its stat or status file cannot be read. Runtime, Target,
// SocketFDs and Idle are left for others to fill in.
func (fs FS) Process(pid int) (socket.Process, error) {
	stat, err := fs.Stat(pid)
	if err != nil {
		return socket.Process{}, err
	}
	uid, err := readUID(fs.path(pid, "status"))
	if err != nil {
		return socket.Process{}, fs.explain(pid, err)
	}
	p := socket.Process{
		ID:        socket.ProcessID{PID: pid, Start: stat.Start},
		Parent:    stat.Parent,
		Name:      stat.Comm,
		UID:       uid,
		FDs:       -1,
		SocketFDs: -1,
		Idle:      -1,
		Load:      -1,
		Threads:   stat.Threads,
		RunState:  stat.State,
		CPU:       stat.CPU,
	}
	if boot, err := fs.bootTime(); err == nil {
		p.Started = boot.Add(ticks(stat.Start))
	}
	// From here on every error means "unknown": the process may have ended
	// meanwhile, which the caller's own check of the start time finds.
	if list, err := fs.cgroups(pid); err == nil {
		p.Cgroup = mainCgroup(list)
		p.Unit, _ = Unit(p.Cgroup)
		p.Container, _ = ContainerID(p.Cgroup)
		p.Pod, _ = PodUID(p.Cgroup)
		p.Frozen, p.FrozenKnown = fs.frozen(list)
	}
	p.FDLimit = fs.fdLimit(pid)
	_ = fs.anyThread(pid, func(dir string) (bool, error) {
		fs.describe(&p, dir)
		return p.FDs > 0 || p.Exe != "", nil
	})
	return p, nil
}

// describe fills in what a thread leader that has ended no longer shows.
func (fs FS) describe(p *socket.Process, dir string) {
	p.FDs, _ = fs.fdTable(dir)
	p.NetNS = fs.netNS(dir)
	p.Exe = executable(dir)
	p.Cwd, _ = os.Readlink(dir + "/cwd")
	p.Args, _ = readArgs(dir+"/cmdline", maxArgs)
}

// Owner returns the user by which access to a process is judged: its effective
// user id, or 0 where it may not be dumped (proc(5)). It is that of the directory
// /proc/PID. It needs no privilege.
func (fs FS) Owner(pid int) (uid uint32, err error) {
	var st unix.Stat_t
	err = unix.Stat(fs.root+"/"+strconv.Itoa(pid), &st)
	return st.Uid, err
}

// FDTable returns the number of open descriptors of a process from the size of
// /proc/PID/fd, or -1 when it is not known: before Linux 6.2, and of a thread
// leader that has ended. It needs no privilege.
func (fs FS) FDTable(pid int) (int, error) {
	return fs.fdTable(fs.root + "/" + strconv.Itoa(pid))
}

// fdTable is FDTable of a directory /proc/PID. Since Linux 6.2 the number is the
// size of the directory in it; before, the size is 0. In a recorded tree it means
// nothing.
func (fs FS) fdTable(dir string) (int, error) {
	var st unix.Stat_t
	if err := unix.Stat(dir+"/fd", &st); err != nil {
		return -1, err
	}
	if st.Size <= 0 || st.Dev != fs.device {
		return -1, nil
	}
	return int(st.Size), nil
}

// NetNS returns the inode of the process's network namespace, from the link
// /proc/PID/ns/net. Reading it of another user's process needs
// CAP_SYS_PTRACE.
func (fs FS) NetNS(pid int) (uint64, error) {
	var inode uint64
	err := fs.anyThread(pid, func(dir string) (ok bool, err error) {
		inode, err = readNetNS(dir)
		return err == nil, err
	})
	return inode, err
}

// NetNSPath returns the path of the link to the process's network namespace,
// which setns(2) takes: /proc/PID/ns/net, or that of a living thread where the
// thread leader has ended.
func (fs FS) NetNSPath(pid int) (path string, err error) {
	err = fs.anyThread(pid, func(dir string) (bool, error) {
		path = dir + "/ns/net"
		_, err := os.Readlink(path)
		return err == nil, err
	})
	return path, err
}

// NetKey returns a number that two processes of one network namespace share,
// and others do not: the inode of /proc/PID/net/dev, of which proc(5) has one
// for each namespace. It is not the namespace's own inode, but reading it
// needs no privilege.
func (fs FS) NetKey(pid int) (uint64, error) {
	var st unix.Stat_t
	err := fs.anyThread(pid, func(dir string) (bool, error) {
		err := unix.Stat(dir+"/net/dev", &st)
		return err == nil, err
	})
	return st.Ino, err
}

// netNS returns the network namespace of the thread with the directory, 0 when
// it is not known: where its link may not be read, that it is our own may be.
func (fs FS) netNS(dir string) uint64 {
	id, err := readNetNS(dir)
	if err == nil {
		return id
	}
	self := fs.root + "/thread-self"
	var theirs, ours unix.Stat_t
	if unix.Stat(dir+"/net/dev", &theirs) != nil || unix.Stat(self+"/net/dev", &ours) != nil || theirs.Ino != ours.Ino {
		return 0
	}
	id, _ = readNetNS(self)
	return id
}

// readNetNS reads the link ns/net in the directory of a thread.
func readNetNS(dir string) (uint64, error) {
	link, err := os.Readlink(dir + "/ns/net")
	if err != nil {
		return 0, err
	}
	inode, ok := parseLink([]byte(link), "net:[")
	if !ok {
		return 0, fmt.Errorf("read %s/ns/net: unexpected link %q", dir, link)
	}
	return inode, nil
}

// executable returns the path of the file that a process executes, "" when it may
// not be read. The kernel marks one that was removed or replaced since: an upgrade
// makes no other program of what runs.
func executable(dir string) string {
	exe, _ := os.Readlink(dir + "/exe")
	return strings.TrimSuffix(exe, deleted)
}

const deleted = " (deleted)" // d_path() in the kernel's fs/d_path.c

// base returns the last element of the path of an executable.
func base(exe string) string {
	return exe[strings.LastIndexByte(exe, '/')+1:]
}
