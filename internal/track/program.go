package track

import (
	"path"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// ProgramOf names the program that a process runs: its executable, and what an
// interpreter runs, so that two scripts are two programs and the workers of
// one are the same.
func ProgramOf(p *socket.Process) string {
	name := p.Exe
	if name == "" {
		name = p.Name
	}
	if !interprets(path.Base(name)) {
		return name
	}
	if script := scriptOf(p.Args); script != "" {
		return name + " " + script
	}
	return name
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
			return path.Base(arg)
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
