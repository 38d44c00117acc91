//go:build linux

package proc

// fdLimit returns the soft RLIMIT_NOFILE of a process from /proc/PID/limits,
// which unlike prlimit(2) may be read of any process; 0 when it is not known.
func (fs FS) fdLimit(pid int) uint64 {
	process, err := fs.lib.Proc(pid)
	if err != nil {
		return 0
	}
	limits, err := process.Limits()
	if err != nil {
		return 0
	}
	return limits.OpenFiles
}
