package cli

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/scan"
)

// targetFlags are the flags that say which processes to look at.
type targetFlags struct {
	names      []string
	ports      ports
	containers []string
	units      []string
	all, tree  bool

	pids []int // that a bare word was taken for, see mean
}

// targetHelp says in the help of a command how its selectors work together.
const targetHelp = `PIDs and the flags --name, --port, --container and --unit select processes. The
same kind given twice widens the selection, different kinds narrow it: --port 80
--port 443 --name nginx is every nginx on one of the two ports.`

func (f *targetFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.names, "name", nil, "processes whose name or command line matches the regular `expression`, repeatable")
	flags.Var(&f.ports, "port", "processes that listen on the local TCP `port`, or hold a connection on it, repeatable")
	flags.StringArrayVar(&f.containers, "container", nil, "processes of the container with this `id` (docker, containerd, cri-o, podman), repeatable")
	flags.StringArrayVar(&f.units, "unit", nil, "processes of the systemd `unit`, repeatable")
	flags.BoolVar(&f.all, "all", false, "every process that may be read (the default without a target)")
	flags.BoolVar(&f.tree, "tree", false, "also include descendant processes")
	for flag, values := range map[string]func() []string{
		"name": runningNames, "port": listeningPorts, "container": runningContainers, "unit": runningUnits,
	} {
		_ = cmd.RegisterFlagCompletionFunc(flag, completeWith(values))
	}
	cmd.Long += "\n\n" + targetHelp
}

// target builds the scanner's target from the flags and the arguments, which
// are pids.
func (f *targetFlags) target(args []string) (scan.Target, error) {
	t := scan.Target{PIDs: slices.Clone(f.pids), Ports: f.ports, Containers: f.containers, Units: f.units, Tree: f.tree}
	for _, arg := range args {
		pid, err := strconv.Atoi(arg)
		switch {
		case arg == "":
			return t, usage("an empty argument is not a pid")
		case err != nil:
			return t, usage("%q is not a pid; --name %s selects processes by name", arg, arg)
		case pid <= 0:
			return t, usage("%d is not a pid; pids are positive numbers", pid)
		}
		t.PIDs = append(t.PIDs, pid)
	}
	for _, name := range f.names {
		re, err := pattern("name", name)
		if err != nil {
			return t, err
		}
		t.Names = append(t.Names, re)
	}
	for _, list := range []struct {
		flag  string
		given []string
	}{{"container", f.containers}, {"unit", f.units}} {
		for _, text := range list.given {
			if text == "" {
				return t, usage("--%s is empty; leave it out to look at every process", list.flag)
			}
		}
	}
	if f.all && !t.All() {
		return t, usage("--all cannot be combined with another target")
	}
	return t, nil
}

// pattern compiles the regular expression of a flag.
func pattern(flag, text string) (*regexp.Regexp, error) {
	if text == "" {
		return nil, usage("--%s is empty; leave it out to look at every process", flag)
	}
	re, err := regexp.Compile(text)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return nil, usage("--%s %q is not a regular expression: %s: %q; quote special characters with a backslash", flag, text, wrong.Code, wrong.Expr)
	}
	return re, err
}
