//go:build linux

package bpf

import (
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/scan/bpf/prog"
	"github.com/sockleak/sockleak/internal/socket"
)

// assembled is a program for the running kernel with what has to be known to
// understand its records.
type assembled struct {
	program     prog.Program
	tgidAt      int                   // instruction that holds the tgid to filter on
	lost        [objects]socket.Facts // what the kernel does not have
	missing     []string
	countedRefs bool // the file's reference count starts at one
}

// note writes down what has to be known: a line for each thing.
func (a *assembled) note() {
	var b strings.Builder
	b.WriteString("tgid " + strconv.Itoa(a.tgidAt) + "\n")
	if a.countedRefs {
		b.WriteString("counted-refs\n")
	}
	for o, facts := range a.lost {
		if facts != 0 {
			b.WriteString("lost " + strconv.Itoa(o) + " " + strconv.Itoa(int(facts)) + "\n")
		}
	}
	for _, what := range a.missing {
		b.WriteString("missing " + strconv.Quote(what) + "\n")
	}
	a.program.Notes = b.String()
}

// noted returns a program with what its notes say; ok is false when they are
// not those of a program of ours.
func noted(p prog.Program) (a assembled, ok bool) {
	a.program = p
	for line := range strings.Lines(p.Notes) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !a.takeNote(name, rest) {
			return assembled{}, false
		}
	}
	return a, a.tgidAt > 0 && a.tgidAt < len(a.program.Code)
}

func (a *assembled) takeNote(name, rest string) bool {
	switch name {
	case "tgid":
		n, err := strconv.Atoi(rest)
		a.tgidAt = n
		return err == nil
	case "counted-refs":
		a.countedRefs = true
		return rest == ""
	case "lost":
		object, facts, _ := strings.Cut(rest, " ")
		o, err := strconv.Atoi(object)
		f, errF := strconv.ParseUint(facts, 10, 16)
		if err != nil || errF != nil || o < 0 || o >= int(objects) {
			return false
		}
		a.lost[o] = socket.Facts(f)
		return true
	case "missing":
		what, err := strconv.Unquote(rest)
		a.missing = append(a.missing, what)
		return err == nil
	}
	return false
}
