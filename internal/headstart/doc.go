// Package headstart begins what a look waits for longest before main does: the
// kernel takes a millisecond or more to verify the program of the bpf source, and
// as long do the packages of the libraries take to initialize themselves. It also
// makes that cheaper (touchVariables).
//
// To come before them it imports next to nothing: Go initializes the packages
// that are ready in the order of their paths.
package headstart

// MemoryDir is where to remember what stays the same until the machine boots
// again (file-hierarchy(7)). It is for root only: who is given capabilities to
// run sockleak with must not choose where it reads kernel memory from.
const MemoryDir = "/run/sockleak"

// Looking reports whether the arguments are those of a command that is going to
// look, with sources of sockleak's own choice.
func Looking(args []string) bool {
	if len(args) == 0 {
		return false
	}
	switch args[0] {
	case "scan", "watch", "check", "record":
	default:
		return false
	}
	for _, arg := range args {
		if arg == "-h" || arg == "--help" || len(arg) >= len(source) && arg[:len(source)] == source {
			return false
		}
	}
	return true
}

const source = "--source"
