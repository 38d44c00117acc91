package socket

// State is the state of a connection as the kernel numbers it
// (include/net/tcp_states.h). The names are those of RFC 9293 as ss(8)
// prints them. Sockets of other families use the same numbers: a connected
// UDP or UNIX socket is Established, an unconnected one is Close.
type State uint8

// The states of include/net/tcp_states.h. StateUnknown is ours: the socket
// was found by its descriptor, but nothing told its state.
const (
	StateUnknown  State = 0
	Established   State = 1
	SynSent       State = 2
	SynRecv       State = 3
	FinWait1      State = 4
	FinWait2      State = 5
	TimeWait      State = 6
	Close         State = 7
	CloseWait     State = 8
	LastAck       State = 9
	Listen        State = 10
	Closing       State = 11
	NewSynRecv    State = 12
	BoundInactive State = 13 // bound, neither listening nor connected; Linux 6.8+
)

// stateNames is indexed by State; the spelling is that of ss(8), in capitals
// as in RFC 9293, with underscores so that a name is one word everywhere.
var stateNames = [...]string{
	"UNKNOWN", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
	"CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV", "BOUND_INACTIVE",
}

// String returns the name of the state in capitals, such as CLOSE_WAIT.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "UNKNOWN"
}

// ParseState returns the state with the given name, as String spells it.
func ParseState(name string) (State, bool) {
	for i, n := range stateNames {
		if n == name {
			return State(i), true
		}
	}
	return StateUnknown, false
}

// States is a set of states, one bit each, in the layout of idiag_states
// (include/uapi/linux/inet_diag.h): bit n stands for state n.
type States uint32

// AllStates holds every state, those that later kernels may add included.
const AllStates States = ^States(0)

// StateSet returns the set of the given states.
func StateSet(list ...State) States {
	var set States
	for _, s := range list {
		set |= 1 << s
	}
	return set
}

// Has reports whether the set holds s.
func (set States) Has(s State) bool { return set&(1<<s) != 0 }
