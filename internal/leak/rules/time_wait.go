package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func timeWait() leak.Rule {
	return leak.Rule{
		ID: "time-wait", Title: "connections in TIME_WAIT, as context", Severity: leak.Note,
		Doc: leak.Doc{
			Means: "These connections are closed. The kernel remembers them for 60 seconds (TCP_TIMEWAIT_LEN, " +
				"include/net/tcp.h), so that late segments cannot disturb a new connection. It is normal on the side " +
				"that closes first, and no leak.",
			Causes:   "Many short connections that this side closes first.",
			Evidence: "Sockets in TIME_WAIT, by port or destination, from 100 on, where a target listens or is connected.",
			BlindSpot: "TIME_WAIT has no owner: it is attributed to the target that listens on the port or is connected to " +
				"the same place. Whether ports run out is judged by port-pressure. A server that is restarted meanwhile binds its port " +
				"only if the one before had SO_REUSEADDR set as well (inet_csk_bind_conflict): set it from the beginning.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "nothing while ports last. If it blocks a restart: SO_REUSEADDR before bind() (not SO_REUSEPORT, which lets another socket of the same user share the port)",
			socket.Python:         "nothing while ports last. Restart: s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1) before bind(); on Windows it would let others take the port",
			socket.Go:             "nothing while ports last: net.Listen sets SO_REUSEADDR by itself; reuse connections if a client makes them",
			socket.Node:           "nothing while ports last: net.Server sets SO_REUSEADDR by itself; http.Agent({keepAlive: true}) if a client makes them",
			socket.Java:           "nothing while ports last. Restart: serverSocket.setReuseAddress(true) before bind(), which is the default on Linux",
			socket.Ruby:           "nothing while ports last: TCPServer sets SO_REUSEADDR by itself; Socket.new needs setsockopt(:SOCKET, :REUSEADDR, true)",
			socket.Native:         "nothing while ports last. Restart: setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ...) before bind(); never SO_LINGER 0 to avoid TIME_WAIT",
		}},
		Check: checkTimeWait,
	}
}

// timeWaitNote is the number from which on TIME_WAIT is worth a line.
const timeWaitNote = 100

func checkTimeWait(c *leak.Case) []leak.Finding {
	var out []leak.Finding
	for _, ns := range c.Now().Namespaces {
		for _, o := range ns.Ownerless {
			if o.State != socket.TimeWait || o.Count < timeWaitNote {
				continue
			}
			owner := c.OwnerOfRest(ns.ID, o)
			if owner.PID == 0 {
				continue // another program's
			}
			f := leak.Finding{Level: leak.Note, Process: owner, Summary: fmt.Sprintf("%d connections in TIME_WAIT to %s", o.Count, o.Remote)}
			if o.Local.Port() != 0 {
				f.Local = o.Local
				f.Summary = fmt.Sprintf("%d connections in TIME_WAIT on port %d", o.Count, o.Local.Port())
			} else {
				f.Remote = o.Remote
			}
			f.Evidence = []string{"they are closed and have no owner; each ends 60 s after it was closed"}
			out = append(out, f)
		}
	}
	return out
}
