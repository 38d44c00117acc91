//go:build linux

package run

import "strings"

// ancestors is how far back a Go program remembers who started a goroutine, so
// that a connection which net/http dials in the background leads to the
// caller. It takes some microseconds for each go statement, and shows in the
// program's own stack traces.
const ancestors = "tracebackancestors=10"

// environment returns the environment with what makes language runtimes tell
// more.
func environment(env []string, n *node) []string {
	if n != nil {
		env = set(env, "NODE_OPTIONS", func(old string) string { return strings.TrimSpace(n.option() + " " + old) })
	}
	return set(env, "GODEBUG", func(old string) string {
		switch {
		case old == "":
			return ancestors
		case strings.Contains(old, "tracebackancestors="):
			return old
		}
		return old + "," + ancestors
	})
}

// set changes a variable.
func set(env []string, name string, change func(old string) string) []string {
	list := make([]string, 0, len(env)+1)
	value := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
			continue
		}
		list = append(list, e)
	}
	return append(list, name+"="+change(value))
}
