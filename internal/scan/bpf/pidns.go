//go:build linux

package bpf

import "os"

// inInitialPidNS reports whether this process is in the initial pid namespace,
// by the link /proc/self/ns/pid. Its inode is PROC_PID_INIT_INO of
// include/linux/proc_ns.h.
func inInitialPidNS() bool {
	name, err := os.Readlink("/proc/self/ns/pid")
	return err == nil && name == "pid:[4026531836]"
}

// helperCurrentTask gives the task that reads the iterator (5.11).
const helperCurrentTask = 158

// maxPidLevels is how deep pid namespaces can be nested for us to number
// processes as our own does. The kernel allows 32; containers in a container
// are at level 2.
const maxPidLevels = 8

// tgid loads r1 with the number of the task's thread group, as this process's
// pid namespace has it. It uses r0 to r5 and the spare register.
func (b *builder) tgid(task, spare reg) {
	if b.initialPidNS {
		b.load(4, r1, task, b.chase("task_struct", "tgid"))
		return
	}
	const typeTGID = 1 // PIDTYPE_TGID of include/linux/pid_types.h
	b.follow(spare, task, b.chase("task_struct", "signal"))
	b.follow(spare, spare, b.chase("signal_struct", "pids")+8*typeTGID)
	b.call(helperCurrentTask)
	b.load(8, r2, r0, b.chase("task_struct", "thread_pid"))
	b.load(4, r2, r2, b.chase("pid", "level"))
	b.moveImm(r1, 0)
	done := b.newLabel()
	numbers := b.chase("pid", "numbers")
	for level := range int16(maxPidLevels) { // struct upid: nr, ns
		other := b.newLabel()
		b.jumpIf(opNeImm, r2, 0, int32(level), other)
		b.load(4, r1, spare, numbers+level*16)
		b.jump(done)
		b.place(other)
	}
	b.place(done)
}
