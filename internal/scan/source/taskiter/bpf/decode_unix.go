//go:build linux

package bpf

import (
	"bytes"

	"github.com/sockleak/sockleak/internal/socket"
)

// decodeUnix does as net/unix/diag.c.
func (w *Walker) decodeUnix() {
	r, s := &w.record, &w.socket
	w.unix = socket.UnixInfo{Path: w.name(&r.unix)}
	s.UnixInfo = &w.unix
	const sockDead = 1 << 0 // SOCK_DEAD of enum sock_flags
	if r.unix.peer != 0 {
		w.unix.PeerGone = r.unix.peerFlags&sockDead != 0
		if !w.unix.PeerGone {
			w.unix.PeerInode = r.unix.peerInode
		}
	}
	switch {
	case s.State == socket.Listen:
		s.RecvQ, s.SendQ = r.unix.queued, r.maxBacklog
		return
	case r.unix.queued == 0:
		s.RecvQ = 0
	case s.Type == socket.Stream && w.program.noInq || s.Type == socket.Seqpacket && r.unix.queued > 1:
		s.Facts &^= socket.HasQueues // only a walk over the queue would tell
	case s.Type == socket.Stream:
		s.RecvQ = uint32(max(r.unix.inq, 0))
	default:
		s.RecvQ = r.unix.firstLen
	}
	s.SendQ = r.sendQ()
}

// name returns the path that the socket is bound to. Paths repeat from look to
// look, so each string is made once.
func (w *Walker) name(u *unixPart) string {
	const family = 2 // sizeof(sun_family), counted in the length
	if u.addrLen <= family {
		return ""
	}
	path := u.path[:min(int(u.addrLen)-family, unixPathMax)]
	if path[0] != 0 { // a path in the file system; its NUL is counted
		if i := bytes.IndexByte(path, 0); i >= 0 {
			path = path[:i]
		}
	}
	if name, ok := w.names[string(path)]; ok {
		return name
	}
	const keep = 1 << 16
	if len(w.names) >= keep {
		clear(w.names)
	}
	name := string(path)
	if path[0] == 0 {
		name = "@" + name[1:] // abstract, unix(7)
	}
	w.names[string(path)] = name
	return name
}
