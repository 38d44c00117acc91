package cli

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/scan"
)

// targetFlags are the flags that say which processes to look at.
type targetFlags struct {
	name      string
	port      uint16
	container string
	unit      string
	all, tree bool
}

func (f *targetFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "processes whose name or command line matches the regular `expression`")
	flags.Uint16Var(&f.port, "port", 0, "processes that listen on the local TCP `port`, or hold a connection on it")
	flags.StringVar(&f.container, "container", "", "processes of the container with this `id` (docker, containerd, cri-o, podman)")
	flags.StringVar(&f.unit, "unit", "", "processes of the systemd `unit`")
	flags.BoolVar(&f.all, "all", false, "every process that may be read (the default without a target)")
	flags.BoolVar(&f.tree, "tree", false, "their descendants too, whatever they run")
}

// target builds the scanner's target from the flags and the arguments, which
// are pids.
func (f *targetFlags) target(args []string) (scan.Target, error) {
	t := scan.Target{Tree: f.tree}
	if f.port != 0 {
		t.Ports = []uint16{f.port}
	}
	if f.container != "" {
		t.Containers = []string{f.container}
	}
	if f.unit != "" {
		t.Units = []string{f.unit}
	}
	for _, arg := range args {
		pid, err := strconv.Atoi(arg)
		if err != nil {
			return t, usage("%q is not a pid; --name %s selects processes by name", arg, arg)
		}
		t.PIDs = append(t.PIDs, pid)
	}
	if f.name != "" {
		re, err := regexp.Compile(f.name)
		if err != nil {
			return t, usage("--name: %w; quote special characters with a backslash", err)
		}
		t.Names = []*regexp.Regexp{re}
	}
	if f.all && !t.All() {
		return t, usage("--all goes without another target")
	}
	return t, nil
}

// completePIDs completes a pid argument with those of the running processes.
func completePIDs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for pid, name := range scan.Running() {
		list = append(list, fmt.Sprintf("%d\t%s", pid, report.Clean(name)))
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
