package leak

import (
	"fmt"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

func timeWait() Rule {
	return Rule{
		ID: "time-wait", Title: "connections in TIME_WAIT, as context", Severity: Note,
		Doc: Doc{
			Means: "These connections are closed. The kernel remembers them for 60 seconds (TCP_TIMEWAIT_LEN, " +
				"include/net/tcp.h), so that late segments cannot disturb a new connection. It is normal on the side " +
				"that closes first, and no leak.",
			Causes:   "Many short connections that this side closes first.",
			Evidence: "Sockets in TIME_WAIT, by port or destination, from 100 on.",
			BlindSpot: "TIME_WAIT has no owner: it is attributed to the target that listens on the port or is connected to " +
				"the same place. Whether ports run out is judged by port-pressure.",
			LookAlike: "Everything: it is context, never more than a note.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "nothing while ports last. If it blocks a restart: SO_REUSEADDR before bind() (not SO_REUSEPORT, which lets another socket of the same user share the port)",
			socket.Python:         "nothing while ports last. Restart: s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1) before bind(); on Windows it would let others take the port",
			socket.Go:             "nothing while ports last: net.Listen sets SO_REUSEADDR by itself; reuse connections if a client makes them",
			socket.Node:           "nothing while ports last: net.Server sets SO_REUSEADDR by itself; http.Agent({keepAlive: true}) if a client makes them",
			socket.Java:           "nothing while ports last. Restart: serverSocket.setReuseAddress(true) before bind(), which is the default on Linux",
			socket.Ruby:           "nothing while ports last: TCPServer sets SO_REUSEADDR by itself; Socket.new needs setsockopt(:SOCKET, :REUSEADDR, true)",
			socket.Native:         "nothing while ports last. Restart: setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ...) before bind(); never SO_LINGER 0 to avoid TIME_WAIT",
		},
		Check: checkTimeWait,
	}
}

// timeWaitNote is the number from which on TIME_WAIT is worth a line.
const timeWaitNote = 100

func checkTimeWait(c *Case, _ []*socket.Socket) []Finding {
	var out []Finding
	for _, ns := range c.Now().Namespaces {
		for _, o := range ns.Ownerless {
			if o.State != socket.TimeWait || o.Count < timeWaitNote {
				continue
			}
			f := Finding{Level: Note, Summary: fmt.Sprintf("%d connections in TIME_WAIT to %s", o.Count, o.Remote)}
			if o.Local.Port() != 0 {
				f.Local = o.Local
				f.Summary = fmt.Sprintf("%d connections in TIME_WAIT on port %d", o.Count, o.Local.Port())
			} else {
				f.Remote = o.Remote
			}
			f.Process = c.ownerOf(ns.ID, o)
			f.Evidence = []string{"they are closed and have no owner; each ends 60 s after it was closed"}
			out = append(out, f)
		}
	}
	return out
}

// ownerOf attributes sockets without owner to the target that listens on the
// local port, or that has a connection to the same destination.
func (c *Case) ownerOf(netns uint64, o socket.Ownerless) socket.ProcessID {
	sockets := c.Now().Sockets
	i := slices.IndexFunc(sockets, func(s *socket.Socket) bool {
		if s.NetNS != netns || !s.IsTCP() || !c.ofTarget(s) {
			return false
		}
		if o.Local.Port() != 0 {
			return s.State == socket.Listen && s.Local.Port() == o.Local.Port()
		}
		return s.Remote == o.Remote
	})
	if i < 0 {
		return socket.ProcessID{}
	}
	return c.Owner(sockets[i]).ID
}
