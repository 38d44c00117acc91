package processes

import (
	"context"
	"fmt"
	"time"

	"github.com/shirou/gopsutil/v3/process"
	"github.com/sockleak/sockleak/internal/socket"
)

// Describe describes a process as far as gopsutil and the caller's rights
// allow. Its start is given in milliseconds since 1970, which identifies it
// as well as clock ticks do. It fails only when the process is gone.
func Describe(ctx context.Context, pid int) (socket.Process, error) {
	p, err := process.NewProcessWithContext(ctx, int32(pid))
	if err != nil {
		return socket.Process{}, fmt.Errorf("pid %d: %w", pid, err)
	}
	out := socket.Process{ID: socket.ProcessID{PID: pid}, FDs: -1, SocketFDs: -1, Idle: -1, Load: -1}
	if ms, err := p.CreateTimeWithContext(ctx); err == nil {
		out.ID.Start = uint64(ms)
		out.Started = time.UnixMilli(ms)
	}
	out.Name, _ = p.NameWithContext(ctx)
	out.Args, _ = p.CmdlineSliceWithContext(ctx)
	out.Exe, _ = p.ExeWithContext(ctx)
	if ppid, err := p.PpidWithContext(ctx); err == nil {
		out.Parent = int(ppid)
	}
	if uids, err := p.UidsWithContext(ctx); err == nil && len(uids) > 0 {
		out.UID = uint32(uids[0])
	}
	if n, err := p.NumFDsWithContext(ctx); err == nil {
		out.FDs = int(n)
	}
	if n, err := p.NumThreadsWithContext(ctx); err == nil {
		out.Threads = int(n)
	}
	if t, err := p.TimesWithContext(ctx); err == nil {
		out.CPU = time.Duration((t.User + t.System) * float64(time.Second))
	}
	return out, nil
}
