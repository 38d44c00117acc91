//go:build linux

package bpf

import "unsafe"

// Offsets of what the program stores itself.
const (
	offLength     = int16(unsafe.Offsetof(header{}.length))
	offKind       = int16(unsafe.Offsetof(header{}.kind))
	offTGID       = int16(unsafe.Offsetof(header{}.tgid))
	offFD         = int16(unsafe.Offsetof(header{}.fd))
	offWaiters    = int16(unsafe.Offsetof(header{}.waiters))
	offInode      = int16(unsafe.Offsetof(header{}.inode))
	offListen     = int16(unsafe.Offsetof(header{}.listen))
	offSock       = int16(unsafe.Offsetof(header{}.sock))
	offCookie     = offSock + int16(unsafe.Offsetof(sock{}.cookie))
	offFamily     = offSock + int16(unsafe.Offsetof(sock{}.family))
	offType       = offSock + int16(unsafe.Offsetof(sock{}.typ))
	offProtocol   = offSock + int16(unsafe.Offsetof(sock{}.protocol))
	offState      = offSock + int16(unsafe.Offsetof(sock{}.state))
	offBacklog    = offSock + int16(unsafe.Offsetof(sock{}.backlog))
	offMaxBacklog = offSock + int16(unsafe.Offsetof(sock{}.maxBacklog))
	offLocal      = offSock + int16(unsafe.Offsetof(sock{}.local))
	offRemote     = offSock + int16(unsafe.Offsetof(sock{}.remote))
	offJiffies    = int16(headerSize + unsafe.Offsetof(tcpPart{}.jiffies))
	offPending    = int16(headerSize + unsafe.Offsetof(tcpPart{}.pending))
	offAddrLen    = int16(headerSize + unsafe.Offsetof(unixPart{}.addrLen))
	offPeerInode  = int16(headerSize + unsafe.Offsetof(unixPart{}.peerInode))
	offPath       = int16(headerSize + unsafe.Offsetof(unixPart{}.path))
)
