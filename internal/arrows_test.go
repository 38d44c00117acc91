package internal_test

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows are the packages of ours that a package may import; they point
// downwards. Packages that are not listed may import all but internal/cli and what is for tests.
var arrows = map[string][]string{
	"cmd/sockleak":                            {"internal/cli"},
	"internal/socket":                         nil,
	"internal/words":                          nil,
	"internal/track":                          {"internal/socket"},
	"internal/leak":                           {"internal/words", "internal/socket", "internal/track"},
	"internal/leak/rules":                     {"internal/words", "internal/socket", "internal/track", "internal/leak"},
	"internal/report":                         {"internal/words", "internal/socket", "internal/track", "internal/leak", "internal/leak/rules"},
	"internal/live":                           {"internal/words", "internal/socket", "internal/track", "internal/leak", "internal/report"},
	"internal/check":                          {"internal/words", "internal/socket", "internal/track", "internal/leak"},
	"internal/settings":                       {"internal/words", "internal/leak"},
	"internal/archive":                        {"internal/words", "internal/socket", "internal/track", "internal/leak", "internal/report", "internal/atomicfile", "internal/caller"},
	"internal/atomicfile":                     {"internal/caller"},
	"internal/caller":                         {"internal/capability"},
	"internal/trend":                          {"internal/words", "internal/socket", "internal/track", "internal/leak", "internal/leak/rules", "internal/report", "internal/archive"},
	"internal/scan":                           {"internal/socket", "internal/proc", "internal/scan/target", "internal/scan/source", "internal/scan/source/taskiter", "internal/scan/source/sockdiag", "internal/scan/source/proctext", "internal/scan/source/portable", "internal/scan/source/tables", "internal/scan/enrich"},
	"internal/scan/enrich":                    {"internal/socket", "internal/parallel", "internal/proc", "internal/scan/enrich/pidfd", "internal/scan/netns", "internal/scan/source", "internal/scan/source/proctext", "internal/scan/source/sockdiag", "internal/scan/source/tables", "internal/waiters"},
	"internal/scan/enrich/pidfd":              {"internal/socket"},
	"internal/scan/target":                    {"internal/socket", "internal/parallel", "internal/proc", "internal/scan/netns", "internal/scan/source", "internal/scan/source/sockdiag", "internal/scan/source/portable/processes"},
	"internal/scan/source":                    {"internal/socket"},
	"internal/scan/source/taskiter":           {"internal/socket", "internal/proc", "internal/scan/source/taskiter/bpf", "internal/scan/source"},
	"internal/scan/source/sockdiag":           {"internal/socket", "internal/proc", "internal/scan/netns", "internal/scan/source", "internal/scan/source/fdtable", "internal/scan/source/proctext", "internal/scan/source/tables"},
	"internal/scan/source/proctext":           {"internal/socket", "internal/proc", "internal/scan/netns", "internal/scan/source", "internal/scan/source/fdtable", "internal/scan/source/tables"},
	"internal/scan/source/portable":           {"internal/socket", "internal/scan/source"},
	"internal/scan/source/portable/processes": {"internal/socket"},
	"internal/scan/source/fdtable":            {"internal/socket", "internal/proc", "internal/scan/source"},
	"internal/scan/source/tables":             {"internal/socket", "internal/proc"},
	"internal/scan/source/taskiter/bpf":       {"internal/socket", "internal/scan/source/taskiter/bpf/prog", "internal/capability"},
	"internal/scan/source/taskiter/bpf/prog":  nil,
	"internal/scan/netns":                     {"internal/socket", "internal/proc"},
	"internal/proc":                           {"internal/socket", "internal/capability"},
	"internal/capability":                     nil,
	"internal/parallel":                       nil,
	"internal/memory":                         nil,
	"internal/symbol/golang":                  {"internal/memory", "internal/socket"},
	"internal/symbol/python":                  {"internal/memory", "internal/socket"},
	"internal/symbol/native":                  {"internal/memory", "internal/socket"},
	"internal/ptrace":                         {"internal/capability"},
	"internal/opener/run":                     {"internal/opener", "internal/proc", "internal/ptrace", "internal/socket", "internal/symbol/native"},
	"internal/program":                        {"internal/memory", "internal/socket", "internal/symbol/golang", "internal/symbol/native", "internal/symbol/python"},
	"internal/waiters":                        {"internal/memory", "internal/program", "internal/socket", "internal/symbol/golang", "internal/symbol/native", "internal/symbol/python"},
	"internal/opener/attach":                  {"internal/capability", "internal/memory", "internal/opener", "internal/program", "internal/socket", "internal/symbol/native", "internal/symbol/python"},
	"internal/opener":                         {"internal/memory", "internal/proc", "internal/program", "internal/socket", "internal/symbol/golang", "internal/symbol/native", "internal/symbol/python"},
	"internal/testkit":                        nil, // for tests alone
	"internal/serve":                          nil,
	"internal/demo":                           nil,
	"sockleaktest":                            nil, // a module of its own
}

// homes are the packages that alone may import a library of others, so that
// it can be replaced in one place. Every library has a home.
var homes = map[string][]string{
	"charm.land/":                           {"internal/cli"},
	"github.com/charmbracelet/colorprofile": {"internal/cli"},
	"github.com/charmbracelet/x/ansi":       {"internal/live"},
	"github.com/cilium/ebpf":                {"internal/opener/attach"},
	"github.com/google/renameio/":           {"internal/archive"},
	"github.com/mdlayher/netlink":           {"internal/scan/source/sockdiag"},
	"github.com/prometheus/procfs":          {"internal/proc", "bench/procfs"},
	"github.com/shirou/gopsutil/":           {"internal/scan/source/portable", "internal/scan/source/portable/processes", "bench/gopsutil"},
	"github.com/spf13/":                     {"internal/cli"},
	"go.yaml.in/yaml/":                      {"internal/settings"},
	"golang.org/x/sys/":                     {"bench", "bench/observe", "internal/archive", "internal/doctor", "internal/memory", "internal/opener/attach", "internal/opener/run", "internal/scan/source/taskiter/bpf", "internal/capability", "internal/scan/netns", "internal/scan/enrich/pidfd", "internal/proc", "internal/ptrace", "internal/scan/source/sockdiag", "internal/supervise", "internal/testkit", "internal/waiters", "sockleaktest"},
	"golang.org/x/term":                     {"internal/cli"},
	"golang.org/x/text/":                    {"internal/words"},
}

func TestArrowsPointDown(t *testing.T) {
	for _, f := range product(t) {
		for _, spec := range f.text.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if ours, ok := strings.CutPrefix(imported, module); ok {
				if !mayImport(f.pkg, ours) {
					t.Errorf("%s: %s must not import %s", f.at(spec.Pos()), f.pkg, ours)
				}
			} else if strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") && !hasHome(f.pkg, imported) {
				t.Errorf("%s: %s is not the home of %s", f.at(spec.Pos()), f.pkg, imported)
			}
		}
	}
}

func mayImport(pkg, imported string) bool {
	if allowed, listed := arrows[pkg]; listed {
		return slices.Contains(allowed, imported)
	}
	return imported != "internal/testkit" && (pkg == "internal/cli" || imported != "internal/cli")
}

func hasHome(pkg, imported string) bool {
	for library, packages := range homes {
		if strings.HasPrefix(imported, library) {
			return slices.Contains(packages, pkg)
		}
	}
	return false
}

// gopsutil's package cpu reads /proc/stat twice before main, and what that costs
// depends on the machine. On Linux sockleak does without the packages that
// bring it along.
func TestLinuxDoesWithoutCPU(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./cmd/sockleak")
	cmd.Dir, cmd.Env = "..", append(os.Environ(), "GOOS=linux")
	deps, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(deps))
	if !slices.Contains(lines, module+"internal/scan/source/portable") {
		t.Errorf("the source gopsutil is missing in %d packages", len(lines))
	}
	if slices.Contains(lines, "github.com/shirou/gopsutil/v3/cpu") {
		t.Error("gopsutil's package cpu is part of the program")
	}
}
