package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// Grants returns the ways to give sockleak the capabilities (CAP_X), each a
// line that can be used as it is: for one run, for a binary, for a systemd
// service, in docker and in Kubernetes; the smallest first. exe is the path of
// the binary.
func Grants(exe string, caps []string) []string {
	if len(caps) == 0 {
		return nil
	}
	lower := make([]string, len(caps)) // sys_ptrace, as setpriv(1) writes it
	short := make([]string, len(caps)) // SYS_PTRACE, as containers write it
	for i, c := range caps {
		short[i] = strings.TrimPrefix(c, "CAP_")
		lower[i] = "+" + strings.ToLower(short[i])
	}
	set := strings.Join(lower, ",")
	add := ""
	for _, c := range short {
		add += " --cap-add " + c
	}
	return []string{
		"one run as root: sudo " + exe + " scan PID",
		fmt.Sprintf("one run as yourself: sudo setpriv --reuid=$(id -u) --regid=$(id -g) --init-groups --inh-caps=%s --ambient-caps=%s %s scan PID", set, set, exe),
		fmt.Sprintf("for good, for a group: sudo groupadd --system sockleak; sudo chgrp sockleak %s && sudo chmod 0750 %s && sudo setcap %s+ep %s",
			exe, exe, strings.ToLower(strings.Join(least(caps), ",")), exe),
		"systemd: AmbientCapabilities=" + strings.Join(caps, " "),
		"docker: --pid=host" + add,
		fmt.Sprintf("Kubernetes: hostPID: true, and securityContext: {capabilities: {add: [%s]}}", strings.Join(short, ", ")),
	}
}

// least returns those of the capabilities with which every socket can be seen:
// the others make it faster, or tell more of some.
func least(caps []string) []string {
	enough := slices.DeleteFunc(slices.Clone(caps), func(c string) bool {
		return c != "CAP_SYS_PTRACE" && c != "CAP_DAC_READ_SEARCH"
	})
	if len(enough) == 0 {
		return caps
	}
	return enough
}
