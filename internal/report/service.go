package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// maxCommandColumns is how much of a command line the page shows where no
// terminal says how wide it is: programs for the JVM have thousands.
const maxCommandColumns = 200

// service says which service a process is: on a host with thirty python3 its
// name and pid say little. Several findings in a row about one say it once.
func (p *page) service(r *Report, proc *socket.Process) {
	if proc == nil || proc.ID == p.told {
		return
	}
	p.told = proc.ID
	p.row("command", commandLine(proc, newCommands(r.FullCommand), p.commandColumns(r)))
	p.row("service", serviceWords(proc, r.Snapshot.Taken, p.opt.User))
}

// commandColumns is two lines of the page; 0 is no limit.
func (p *page) commandColumns(r *Report) int {
	switch {
	case r.FullCommand:
		return 0
	case p.opt.Width > 0:
		return 2 * max(p.opt.Width-textColumn, 20)
	}
	return maxCommandColumns
}

// commandLine is the command line in one clean line, masked unless the whole is
// asked for; "" where it says no more than the name of the process.
func commandLine(p *socket.Process, c *commands, columns int) string {
	args := c.text(p.Args)
	line := strings.Join(args, " ")
	if columns > 0 && words.Width(line) > columns { // what runs says more than where it is
		line = words.Cut(line[strings.LastIndexByte(args[0], '/')+1:], columns)
	}
	if line == words.Clean(p.Name) {
		return ""
	}
	return line
}

// serviceWords says what a process belongs to, and since when it runs.
func serviceWords(p *socket.Process, now time.Time, user func(uint32) string) string {
	parts := []string{userWords(p.UID, user)}
	if unit := unitName(p); unit != "" {
		parts = append(parts, "unit "+unit)
	}
	if p.Pod != "" {
		parts = append(parts, "pod "+p.Pod)
	}
	if p.Container != "" {
		parts = append(parts, "container "+p.Container[:min(12, len(p.Container))]) // as docker ps shows it
	}
	if cwd := workingDirectory(p); cwd != "" {
		parts = append(parts, "in "+cwd)
	}
	if !p.Started.IsZero() && p.Started.Before(now) {
		at := p.Started.In(now.Location())
		layout := time.DateTime
		if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
			layout = time.TimeOnly
		}
		parts = append(parts, fmt.Sprintf("started %s (%s ago)", at.Format(layout), words.Span(now.Sub(p.Started))))
	}
	return strings.Join(parts, ", ")
}

func userWords(uid uint32, user func(uint32) string) string {
	if user != nil {
		if name := user(uid); name != "" {
			return "user " + words.Clean(name)
		}
	}
	return fmt.Sprintf("user %d", uid)
}

// unitName returns the systemd unit of the process where that tells services
// apart: a login session and the scope of a container do not.
func unitName(p *socket.Process) string {
	if strings.HasPrefix(p.Unit, "session-") || p.Unit == "init.scope" || p.Container != "" && strings.Contains(p.Unit, p.Container) {
		return ""
	}
	return words.Clean(p.Unit)
}

// workingDirectory returns the working directory where it tells more than the
// command line: python3 app.py may be anybody's.
func workingDirectory(p *socket.Process) string {
	if p.Cwd == "" || p.Cwd == "/" || len(p.Args) > 1 && slices.ContainsFunc(p.Args, func(arg string) bool {
		return strings.HasPrefix(arg, strings.TrimSuffix(p.Cwd, "/")+"/")
	}) {
		return ""
	}
	return words.Clean(p.Cwd)
}
