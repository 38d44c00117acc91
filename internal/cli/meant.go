package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// meaning is one way to understand a bare word as a target.
type meaning struct {
	what   string // port, pid, name, unit or container
	target targetFlags
}

// firstEphemeral is where net.ipv4.ip_local_port_range begins by default: whoever
// types a larger number has read it in a list of processes.
const firstEphemeral = 32768

// meanings returns how a word can be understood, the likeliest first.
func meanings(text string) []meaning {
	var list []meaning
	digits := strings.TrimPrefix(text, ":")
	if n, err := strconv.ParseUint(digits, 10, 16); err == nil && n > 0 {
		list = append(list, meaning{"port", targetFlags{ports: ports{uint16(n)}}})
	}
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		list = append(list, meaning{"pid", targetFlags{pids: []int{n}}})
		if n >= firstEphemeral {
			slices.Reverse(list)
		}
	}
	if len(list) > 0 {
		return list // a number is no name
	}
	if strings.HasSuffix(text, ".service") || strings.HasSuffix(text, ".scope") || strings.HasSuffix(text, ".slice") {
		list = append(list, meaning{"unit", targetFlags{units: []string{text}}})
	}
	if len(text) >= 12 && strings.Trim(text, "0123456789abcdef") == "" {
		list = append(list, meaning{"container", targetFlags{containers: []string{text}}})
	}
	for _, name := range []string{
		// The program, or the script or module that it runs.
		`^(\S*/)?(\S+ (-\S+ )*(\S*/)?)?` + regexp.QuoteMeta(text),
		// Any word of the command line.
		`(^|[^\pL\pN])` + regexp.QuoteMeta(text),
	} {
		list = append(list, meaning{"name", targetFlags{names: []string{name}}})
	}
	return list
}

// find returns the processes, or why the word does not mean this.
func (m *meaning) find(ctx context.Context) ([]socket.Process, error) {
	t, err := m.target.target(nil)
	if err != nil {
		return nil, err
	}
	return scan.Find(ctx, t)
}

// meanAll adds to the target what each of the words means. The commands are what
// one could have been meant for instead; nil where none can stand.
func (f *targetFlags) meanAll(ctx context.Context, env Env, list, commands []string) error {
	for _, text := range list {
		if text == "" {
			return usage("an empty argument is not a target")
		}
		tried, err := f.mean(ctx, env, text)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case tried != nil:
			return noMeaning(text, tried, commands)
		}
	}
	return nil
}

// mean adds what the word means to the target, and says on stderr how it was
// understood; or it returns why it means nothing, for each way to understand it.
func (f *targetFlags) mean(ctx context.Context, env Env, text string) (tried []error, err error) {
	list := meanings(text)
	for i := range list {
		found, err := list[i].find(ctx)
		if err != nil {
			tried = append(tried, err)
			continue
		}
		f.join(&list[i].target)
		said := fmt.Sprintf("sockleak: taking %s for the %s: %s", words.Clean(text), list[i].what, whoWords(found))
		for _, other := range list[i+1:] {
			if _, err := other.find(ctx); err == nil && other.what != list[i].what {
				said += "; it is also " + other.inFull(text)
			}
		}
		_, err = fmt.Fprintln(env.Stderr, said)
		return nil, err
	}
	return tried, nil
}

// join widens the target by another.
func (f *targetFlags) join(g *targetFlags) {
	f.pids = append(f.pids, g.pids...)
	f.ports = append(f.ports, g.ports...)
	f.names = append(f.names, g.names...)
	f.units = append(f.units, g.units...)
	f.containers = append(f.containers, g.containers...)
}

// inFull says how to name the other thing that the word can mean.
func (m *meaning) inFull(text string) string {
	if m.what == "pid" {
		return "a pid: sockleak scan " + text
	}
	return fmt.Sprintf("a %s: sockleak scan --%s %s", m.what, m.what, text)
}

// whoWords names the first of the processes.
func whoWords(found []socket.Process) string {
	const most = 3
	var names []string
	for i := range found {
		if found[i].Target {
			names = append(names, fmt.Sprintf("%s (pid %d)", words.Clean(found[i].Name), found[i].ID.PID))
		}
	}
	text := strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// noMeaning is the error about a word that nothing answers to.
func noMeaning(text string, tried []error, commands []string) error {
	if name := closest(text, commands); name != "" {
		return usage("unknown command %q (did you mean %q?); sockleak --help shows the usage", text, name)
	}
	if _, err := strconv.Atoi(strings.TrimPrefix(text, ":")); err == nil {
		var all []string
		for _, err := range tried {
			all = append(all, err.Error())
		}
		return &codeError{exitUnseen, errors.New(strings.Join(all, "; "))}
	}
	var names []string
	for _, name := range scan.Running() {
		names = append(names, words.Clean(name))
	}
	for _, unit := range runningUnits() {
		name, _, _ := strings.Cut(unit, "\t")
		names = append(names, name)
	}
	what := "process, unit or container"
	if commands != nil {
		what = "command, " + what
	}
	return &codeError{exitUnseen, fmt.Errorf("no %s is called %q%s; ps -e lists processes", what, text, didYouMean(text, names))}
}
