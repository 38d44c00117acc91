package scan

import (
	"context"

	"github.com/sockleak/sockleak/internal/scan/gops"
	"github.com/sockleak/sockleak/internal/socket"
)

// gopsSource is the portable source: states, addresses and owners.
type gopsSource struct{}

func (gopsSource) Name() string { return "gopsutil" }

func (gopsSource) Needs() string {
	return "works on every system; no queues, timers or ages, and no sockets of other network namespaces"
}

func (g gopsSource) Collect(ctx context.Context, d *Draft) error {
	for i := range d.snap.Processes {
		p := &d.snap.Processes[i]
		n := 0
		err := gops.Sockets(ctx, p, func(fd int32, s *socket.Socket) {
			n++
			h := socket.Holder{Process: p.ID, FD: fd}
			if s.Inode == 0 {
				d.Unheld(s, h)
				return
			}
			d.Hold(s.Inode, h)
			if s.Presence != socket.PresenceUnknown {
				d.Fill(s)
			}
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			d.unreadable(p, "sockets", err)
			continue
		}
		p.SocketFDs = n
	}
	d.partial = true // it reads no other tables
	d.Gap(socket.Gap{
		Where: "queues, timers, ages and sockets in no table",
		Why:   "the gopsutil source does not have them",
		Hint:  "on Linux, sockleak doctor says how the other sources can be used",
	})
	return nil
}

func (gopsSource) Lacks() string {
	return "queues, timers, ages, cookies and sockets in no table"
}
