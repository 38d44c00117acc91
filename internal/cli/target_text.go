package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/scan"
)

// targetText says what was looked at, in the words of the command line, the
// same from run to run: a pid is another one after every restart, and is left
// out.
func targetText(t *scan.Target) string {
	if t.All() {
		return "all"
	}
	var parts []string
	if len(t.PIDs) > 0 {
		parts = append(parts, "PID")
	}
	add := func(flag string, values []string) {
		slices.Sort(values)
		for _, v := range values {
			parts = append(parts, fmt.Sprintf("--%s %s", flag, v))
		}
	}
	var names, ports []string
	for _, re := range t.Names {
		names = append(names, re.String())
	}
	for _, p := range t.Ports {
		ports = append(ports, fmt.Sprint(p))
	}
	add("name", names)
	add("port", ports)
	add("container", slices.Clone(t.Containers))
	add("unit", slices.Clone(t.Units))
	if t.Tree {
		parts = append(parts, "--tree")
	}
	return strings.Join(parts, " ")
}
