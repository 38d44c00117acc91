//go:build linux

package bpf

import (
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// writeWithQueue emits the record. If the socket listens, it then walks the
// accept queue in r7: for each connection the function at the returned label
// is called.
func (b *builder) writeWithQueue(k kind, out label) (walk label) {
	walk = b.newLabel()
	written := b.newLabel()
	b.write(k, written)
	b.place(written)
	if !b.states.Has(socket.Listen) {
		b.jump(out)
		return walk
	}
	if !b.canLoop() {
		b.lose(tcpSock, 0, "connections waiting to be accepted (needs Linux 5.17)")
		b.jump(out)
		return walk
	}
	b.load(1, r1, r9, offState)
	b.jumpIf(opNeImm, r1, 0, int32(socket.Listen), out)
	b.jumpZero(r7, out)
	b.store(8, r6, frameNext, r7)
	b.load(8, r1, r9, offInode)
	b.store(8, r9, offListen, r1)
	b.moveImm(r1, maxUnaccepted)
	b.address(r2, walk)
	b.move(r3, r6)
	b.moveImm(r4, 0)
	b.call(helperLoop)
	b.jump(out)
	return walk
}

func (b *builder) canLoop() bool { return !b.basic && b.hasFunc("bpf_loop") }

// unaccepted emits the function at walk that bpf_loop calls: it describes one
// connection of an accept queue. It gets the frame as its second argument,
// overwrites the record of the listener and moves on to the next connection.
// An MPTCP listener's queue is reached through a cast and not trusted.
func (b *builder) unaccepted(walk label, trusted bool) {
	if !b.states.Has(socket.Listen) || !b.canLoop() || (!trusted && !b.canCast(mptcpSock)) {
		return
	}
	end, next := b.newLabel(), b.newLabel()
	b.place(walk)
	b.move(r6, r2)
	b.move(r9, r6)
	b.addImm(r9, frameRec)
	b.load(8, r7, r6, frameNext)
	b.jumpZero(r7, end)
	b.load(8, r1, r7, b.chase("request_sock", "dl_next"))
	b.store(8, r6, frameNext, r1)
	b.load(8, r8, r7, b.chase("request_sock", "sk"))
	b.jumpZero(r8, next)
	b.filterState(next)
	b.zero(r9, uintptr(offSock), headerSize)
	b.copyFields(sockStruct, r8, r9)
	b.netns()
	b.addresses()
	b.cookie(trusted)
	b.load(2, r1, r9, offProtocol)
	b.jumpIf(opNeImm, r1, 0, unix.IPPROTO_TCP, next)
	b.tcpFields(next, trusted)
	b.write(tcpKind, next)
	b.place(next)
	b.exit(0) // go on
	b.place(end)
	b.exit(1) // stop
}

// cookie stores the cookie of the sock in r8. The helper makes one where
// there is none yet, but takes trusted pointers only.
func (b *builder) cookie(trusted bool) {
	if trusted {
		b.move(r1, r8)
		b.call(helperSocketCookie)
		b.store(8, r9, offCookie, r0)
		return
	}
	b.load(8, r1, r8, b.chase("sock", "__sk_common.skc_cookie.counter"))
	b.store(8, r9, offCookie, r1)
}
