//go:build linux

package bpf

import "github.com/sockleak/sockleak/internal/socket"

// unix describes the UNIX socket in r8.
func (b *builder) unix(other, out label) {
	switch {
	case !b.hasStruct(unixSock) || b.basic || !b.canCast(unixSock) && !b.hasFunc("bpf_skc_to_unix_sock"):
		b.lose(unixSock, socket.HasQueues, "unix_sock (needs Linux 5.16 with CONFIG_UNIX=y)")
		b.jump(other)
		return
	case b.canCast(unixSock):
		b.view(unixSock)
	default:
		b.move(r1, r8)
		b.call(helperSkcToUnix)
		b.jumpZero(r0, other)
	}
	b.move(r7, r0)
	b.copyFields(unixSock, r7, r9)
	b.follow(r2, r7, b.chase("unix_sock", "sk.sk_receive_queue.next"))
	b.copyFields(skBuff, r2, r9)
	b.unixPath()
	b.unixPeer()
	b.write(unixKind, out)
}

// unixPeer notes what the other end of the unix_sock in r7 is, and its inode.
func (b *builder) unixPeer() {
	b.follow(r7, r7, b.chase("unix_sock", "peer"))
	b.copyFields(peerSock, r7, r9)
	b.follow(r7, r7, b.chase("sock", "sk_socket"))
	b.follow(r7, r7, b.chase("socket", "file"))
	b.follow(r7, r7, b.chase("file", "f_inode"))
	b.load(8, r1, r7, b.chase("inode", "i_ino"))
	b.store(8, r9, offPeerInode, r1)
}

// unixPath copies the bound path of the unix_sock in r7, in the widest pieces
// that are aligned on the stack.
func (b *builder) unixPath() {
	b.follow(r8, r7, b.chase("unix_sock", "addr"))
	b.load(4, r1, r8, b.chase("unix_address", "len"))
	b.store(4, r9, offAddrLen, r1)
	from := b.chase("unix_address", "name") + 2 // sockaddr_un.sun_path
	for i := int16(0); i < unixPathMax; {
		size := int16(8)
		for (offPath+i)%size != 0 || i+size > unixPathMax {
			size /= 2
		}
		b.load(uint32(size), r1, r8, from+i)
		b.store(uint32(size), r9, offPath+i, r1)
		i += size
	}
}
