// Package supervise runs a command and keeps hold of it and of everything
// that it starts: across fork, exec, setsid and daemonising.
//
// On Linux the calling process becomes a child subreaper
// (PR_SET_CHILD_SUBREAPER, prctl(2)): a descendant whose parent ends becomes
// a child of the caller instead of init's, and so stays within reach. The
// tree is read from the parent pids in /proc/PID/stat, which needs no
// privilege. While a [Supervisor] is open, the process must start its other
// programs through it: a child that somebody else starts meanwhile looks like
// an orphan that was adopted. Children from before are left alone.
//
// On other systems only the command itself is followed; [Supervisor.Limit]
// says so.
//
// What leaves the tree on purpose is not followed anywhere: a container
// started through a daemon, a unit started through systemd, a cron job.
package supervise
