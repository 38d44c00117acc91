package track

import (
	"cmp"
	"path"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Program is what several processes run together: those of one name in one
// unit or container, and in one network namespace.
type Program struct {
	Name   string // the executable, and what an interpreter runs
	Cgroup string // of the unit or container
	NetNS  uint64 // inode of the network namespace of its processes; 0 when not known
}

// Compare orders programs: by name, cgroup and namespace.
func (p Program) Compare(q Program) int {
	return cmp.Or(cmp.Compare(p.Name, q.Name), cmp.Compare(p.Cgroup, q.Cgroup), cmp.Compare(p.NetNS, q.NetNS))
}

// ProgramOf returns the program that a process runs. Two scripts are two
// programs, and the workers of one are the same.
func ProgramOf(p *socket.Process) Program {
	out := Program{Name: p.Exe, Cgroup: p.Cgroup, NetNS: p.NetNS}
	if out.Name == "" {
		out.Name = p.Name
	}
	if interprets(path.Base(out.Name)) {
		if script := scriptOf(p.Args); script != "" {
			out.Name += " " + script
		}
	}
	return out
}

// interprets reports whether an executable of that name runs programs that are
// given to it as arguments.
func interprets(name string) bool {
	for _, prefix := range []string{"python", "pypy", "node", "nodejs", "bun", "deno", "ruby", "php", "perl", "java", "beam", "dotnet", "bash", "sh", "dash"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && strings.Trim(rest, "0123456789.-smp") == "" {
			return true
		}
	}
	return false
}

// scriptOf returns the argument that an interpreter takes for its program:
// the first that is neither an option nor the value of one. It is only a name
// to tell programs apart; a wrong guess splits or joins what is counted.
func scriptOf(args []string) string {
	for i := 1; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "-m" || arg == "-jar":
			if i+1 < len(args) {
				return arg + " " + args[i+1]
			}
			return arg
		case takesValue(arg):
			i++
		case !strings.HasPrefix(arg, "-") && arg != "":
			return arg
		}
	}
	return ""
}

// takesValue reports whether the value of an interpreter's option is an
// argument of its own.
func takesValue(option string) bool {
	switch option {
	case "-cp", "-classpath", "--class-path", "-p", "--module-path", "-W", "-X", "-r", "--require", "-d", "-c":
		return true
	}
	return false
}
