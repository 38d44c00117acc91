package cli

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// completer is what cobra asks for the values of a flag or argument.
type completer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// completeWith completes with the values, each with a tab and what it is.
func completeWith(values func() []string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		list := values()
		slices.Sort(list)
		return slices.Compact(list), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeList is completeWith for a flag that takes several values with commas
// between them: what stands before the last comma stays.
func completeList(values func() []string) completer {
	return func(_ *cobra.Command, _ []string, written string) ([]string, cobra.ShellCompDirective) {
		before := written[:strings.LastIndexByte(written, ',')+1]
		given := strings.Split(before, ",")
		var list []string
		for _, v := range values() {
			if name, _, _ := strings.Cut(v, "\t"); !slices.Contains(given, name) {
				list = append(list, before+v)
			}
		}
		return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// runningNames is the names of the running processes, as patterns.
func runningNames() []string {
	var list []string
	for _, name := range scan.Running() {
		list = append(list, regexp.QuoteMeta(words.Clean(name)))
	}
	return list
}

// runningPIDs is the pids of the running processes with their names.
func runningPIDs() []string {
	var list []string
	for pid, name := range scan.Running() {
		list = append(list, fmt.Sprintf("%d\t%s", pid, words.Clean(name)))
	}
	return list
}

// runningUnits is the systemd units that processes belong to.
func runningUnits() []string {
	return ofProcesses(func(p *socket.Process) string { return p.Unit })
}

// runningContainers is the containers that processes belong to, by short ids.
func runningContainers() []string {
	return ofProcesses(func(p *socket.Process) string { return p.Container[:min(12, len(p.Container))] })
}

// ofProcesses is what is not "" of the running processes, each with the name of
// one.
func ofProcesses(of func(*socket.Process) string) []string {
	found, err := scan.Find(context.Background(), scan.Target{})
	if err != nil {
		return nil
	}
	name := map[string]string{}
	for i := range found {
		if v := words.Clean(of(&found[i])); v != "" && name[v] == "" {
			name[v] = words.Clean(found[i].Name)
		}
	}
	var list []string
	for v, process := range name {
		list = append(list, v+"\t"+process)
	}
	return list
}

// listeningPorts is the TCP ports on which processes listen that may be read.
func listeningPorts() []string {
	s, err := scan.New(scan.Options{Now: func() time.Time { return time.Time{} }, NoStacks: true})
	if err != nil {
		return nil
	}
	defer s.Close()
	snap, err := s.Look(context.Background(), scan.Target{})
	if err != nil {
		return nil
	}
	var list []string
	for _, k := range snap.Sockets {
		if k.State != socket.Listen || !k.IsTCP() || len(k.Holders) == 0 {
			continue
		}
		if p := snap.Process(k.Holders[0].Process); p != nil {
			list = append(list, fmt.Sprintf("%d\t%s (pid %d)", k.Local.Port(), words.Clean(p.Name), p.ID.PID))
		}
	}
	return list
}

// bareTargets is what a bare word can mean that people are likely to type.
func bareTargets() []string {
	return slices.Concat(runningPIDs(), runningNames(), listeningPorts(), runningUnits())
}
