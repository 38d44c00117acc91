package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sockleak/sockleak/internal/proc"
)

const procRoot = "/proc"

// procMount tells what the mount options of /proc hide (proc(5)).
func procMount(context.Context, Options) []Check {
	c := Check{Name: "/proc", Status: OK, Found: "shows every process", Gives: "processes and their descriptors"}
	data, err := os.ReadFile(procRoot + "/self/mountinfo")
	if err != nil {
		c.Status, c.Found = Limited, "its mount options could not be read: "+err.Error()
		return []Check{c}
	}
	options := mountOptions(string(data), procRoot)
	var hides []string
	for _, o := range options {
		if value, ok := strings.CutPrefix(o, "hidepid="); ok && value != "0" && value != "off" {
			hides = append(hides, o+" hides the processes of other users")
		}
		if o == "subset=pid" {
			hides = append(hides, o+" hides the kernel's settings")
		}
	}
	if len(hides) > 0 {
		c.Status, c.Found = Limited, strings.Join(hides, "; ")
		c.Fix = []string{
			"for all: sudo mount -o remount,hidepid=0 /proc",
			"for a group: sudo mount -o remount,gid=$(id -g) /proc",
			"for one run: sudo sockleak scan PID (CAP_SYS_PTRACE sees through hidepid)",
		}
	}
	return []Check{c}
}

// mountOptions returns the options of the file system that is mounted last on
// the path, from the text of /proc/PID/mountinfo.
func mountOptions(mountinfo, path string) (options []string) {
	for line := range strings.Lines(mountinfo) {
		mount, super, ok := strings.Cut(line, " - ")
		fields, superFields := strings.Fields(mount), strings.Fields(super)
		if !ok || len(fields) < 6 || len(superFields) < 3 || fields[4] != path {
			continue
		}
		options = strings.Split(superFields[2], ",")
	}
	return options
}

// processes counts the processes whose descriptors and threads can be read.
func processes(context.Context, Options) []Check {
	descriptors := Check{Name: "descriptors", Gives: "which process holds each socket"}
	threads := Check{Name: "threads", Gives: "which thread or goroutine waits for a socket, and at which line (--no-stacks leaves it)"}
	proc, err := proc.New(procRoot)
	var pids []int
	if err == nil {
		pids, err = proc.PIDs()
	}
	if err != nil {
		descriptors.Status, descriptors.Found = Missing, err.Error()
		return []Check{descriptors}
	}
	var all, noFDs, noThreads int
	for _, pid := range pids {
		stat, err := proc.Stat(pid)
		if err != nil || stat.Ended() || stat.KernelThread() {
			continue
		}
		_, fdErr := proc.SocketFDs(pid, func(int32, uint64) {})
		_, threadErr := proc.BlockedThreads(pid)
		if errors.Is(fdErr, fs.ErrNotExist) || errors.Is(threadErr, fs.ErrNotExist) {
			continue // it has ended
		}
		all++
		if fdErr != nil {
			noFDs++
		}
		if threadErr != nil {
			noThreads++
		}
	}
	descriptors.count(all, noFDs, "CAP_SYS_PTRACE")
	threads.count(all, noThreads, "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH")
	return []Check{descriptors, threads}
}

// count says how many processes could be read, and what reads the others.
func (c *Check) count(all, unread int, caps string) {
	c.unread, c.all = unread, all
	c.Status, c.Found = OK, fmt.Sprintf("of all %d processes", all)
	if unread > 0 {
		c.Status, c.Found = Limited, fmt.Sprintf("of %d of %d processes; the others belong to other users or have more rights", all-unread, all)
		c.Fix = []string{"run as root, or with " + caps}
	}
}
