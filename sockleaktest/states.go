package sockleaktest

// The states that need advice of their own, in the spelling of ss(8).
const (
	established = "ESTABLISHED"
	synSent     = "SYN_SENT"
	finWait1    = "FIN_WAIT1"
	finWait2    = "FIN_WAIT2"
	closed      = "CLOSE"
	closeWait   = "CLOSE_WAIT"
	listen      = "LISTEN"
)

// stateName returns the name of a TCP state (include/net/tcp_states.h), or ""
// for one that is not known.
func stateName(state uint8) string {
	names := [...]string{
		"", established, synSent, "SYN_RECV", finWait1, finWait2, "TIME_WAIT",
		closed, closeWait, "LAST_ACK", listen, "CLOSING", "NEW_SYN_RECV", "BOUND_INACTIVE",
	}
	if int(state) < len(names) {
		return names[state]
	}
	return ""
}
