//go:build linux

package bpf

import (
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// describe describes the sock in r8, whose record has the holder and the
// cookie already: the address family decides what. It leaves through out.
func (b *builder) describe(out label) {
	b.copyFields(sockStruct, r8, r9)
	b.rest()
	b.netns()
	ip, other, stream, datagram := b.newLabel(), b.newLabel(), b.newLabel(), b.newLabel()
	tcp, mptcp, udp := b.newLabel(), b.newLabel(), b.newLabel()
	b.load(2, r1, r9, offFamily)
	b.jumpIf(opEqImm, r1, 0, unix.AF_INET, ip)
	b.jumpIf(opEqImm, r1, 0, unix.AF_INET6, ip)
	b.jumpIf(opNeImm, r1, 0, unix.AF_UNIX, other)
	b.unix(other, out)
	b.place(ip)
	b.addresses()
	b.load(2, r1, r9, offType)
	b.load(2, r2, r9, offProtocol)
	b.jumpIf(opEqImm, r1, 0, unix.SOCK_STREAM, stream)
	b.jumpIf(opEqImm, r1, 0, unix.SOCK_DGRAM, datagram)
	b.jump(other)
	b.place(stream)
	b.jumpIf(opEqImm, r2, 0, unix.IPPROTO_TCP, tcp)
	b.jumpIf(opEqImm, r2, 0, unix.IPPROTO_MPTCP, mptcp)
	b.jump(other)
	b.place(datagram)
	b.jumpIf(opEqImm, r2, 0, unix.IPPROTO_UDP, udp)
	b.jumpIf(opEqImm, r2, 0, unix.IPPROTO_UDPLITE, udp)
	b.place(other)
	b.write(plain, out)
	b.place(udp)
	b.udp(other)
	b.place(mptcp)
	b.mptcp(tcp, other)
	b.place(tcp)
	b.tcp(other, out)
}

// rest copies what a connection of TCP has no use for, of all other socks.
func (b *builder) rest() {
	rest, connection := b.newLabel(), b.newLabel()
	b.load(2, r1, r9, offProtocol)
	b.jumpIf(opNeImm, r1, 0, unix.IPPROTO_TCP, rest)
	b.load(2, r1, r9, offType)
	b.jumpIf(opNeImm, r1, 0, unix.SOCK_STREAM, rest) // another family's protocol of that number
	b.load(1, r1, r9, offState)
	b.jumpIf(opEqImm, r1, 0, int32(socket.Close), rest)
	b.jumpIf(opNeImm, r1, 0, int32(socket.Listen), connection)
	b.place(rest)
	b.copyFields(restSock, r8, r9)
	b.place(connection)
}

// netns fills in the network namespace, where the kernel has such.
func (b *builder) netns() {
	if _, ok := b.kernel.find("sock", "__sk_common.skc_net.net"); !ok {
		b.lose(netStruct, 0, "network namespaces (CONFIG_NET_NS)")
		return
	}
	b.follow(r2, r8, b.chase("sock", "__sk_common.skc_net.net"))
	b.copyFields(netStruct, r2, r9)
}

// addresses copies both addresses. An IPv4 socket has its own pair of fields;
// those of an IPv6 socket hold IPv4 addresses in mapped form. The latter are
// copied of both, so that both ways write the same parts of the record.
func (b *builder) addresses() {
	v6 := b.newLabel()
	if _, ok := b.kernel.find("sock", "__sk_common.skc_v6_daddr"); ok { // CONFIG_IPV6
		b.copyAddr(8, 2, "__sk_common.skc_v6_rcv_saddr", offLocal)
		b.copyAddr(8, 2, "__sk_common.skc_v6_daddr", offRemote)
	}
	b.load(2, r1, r9, offFamily)
	b.jumpIf(opEqImm, r1, 0, unix.AF_INET6, v6)
	b.copyAddr(4, 1, "__sk_common.skc_rcv_saddr", offLocal)
	b.copyAddr(4, 1, "__sk_common.skc_daddr", offRemote)
	b.place(v6)
}

// copyAddr copies n words of an address from the sock in r8 into the record.
func (b *builder) copyAddr(size uint32, n int16, member string, to int16) {
	from, step := b.chase("sock", member), int16(size)
	for i := range n {
		b.load(size, r1, r8, from+step*i)
		b.store(size, r9, to+step*i, r1)
	}
}

// tcp describes the TCP socket in r8: one by itself, or the first subflow of
// the MPTCP socket that the record has begun with. What a listener says of its
// queue it says of the MPTCP socket, too.
func (b *builder) tcp(other, out label) {
	b.call(helperJiffies64)
	b.store(8, r9, offJiffies, r0)
	if b.canCast(tcpSock) {
		b.view(tcpSock)
	} else {
		b.move(r1, r8)
		b.call(helperSkcToTCP)
		b.jumpZero(r0, other)
	}
	b.copyFields(tcpSock, r0, r9)
	b.timers()
	b.queueOf()
	alone := b.newLabel()
	b.load(4, r1, r9, offKind)
	b.jumpIf(opNeImm, r1, 0, int32(mptcpKind), alone)
	b.load(4, r1, r8, b.chase("sock", "sk_ack_backlog"))
	b.store(4, r9, offBacklog, r1)
	b.load(4, r1, r8, b.chase("sock", "sk_max_ack_backlog"))
	b.store(4, r9, offMaxBacklog, r1)
	b.write(mptcpKind, out)
	b.place(alone)
	b.write(tcpKind, out)
}

// timers copies what is known of the timers that may run on the tcp_sock in
// r0, and the port that it had if it is closed.
func (b *builder) timers() {
	const keepOpen = 1 << 3 // SOCK_KEEPOPEN of enum sock_flags, include/net/sock.h
	quiet, mortal, open := b.newLabel(), b.newLabel(), b.newLabel()
	b.load(1, r1, r9, offPending)
	b.jumpZero(r1, quiet)
	b.copyFields(retransmitTimer, r0, r9)
	b.place(quiet)
	b.load(8, r1, r8, b.chase("sock", "__sk_common.skc_flags")) // of the subflow, under MPTCP
	b.emit(opAndImm, r1, 0, 0, keepOpen)
	b.jumpZero(r1, mortal)
	b.copyFields(keepaliveTimer, r0, r9)
	b.place(mortal)
	b.load(1, r1, r9, offState)
	b.jumpIf(opNeImm, r1, 0, int32(socket.Close), open)
	b.copyFields(closedTCP, r0, r9)
	b.place(open)
}

// mptcp describes the MPTCP socket in r8: its own state, and with tcp the ages
// and timers of its first subflow, which also is the one that listens. Without
// one they are zero.
func (b *builder) mptcp(tcp, other label) {
	if !b.canCast(mptcpSock) {
		if b.hasStruct(mptcpSock) { // else there are no such sockets
			b.lose(mptcpSock, socket.HasQueues|socket.HasTimer|socket.HasTCPInfo, "mptcp_sock (needs Linux 6.2)")
		}
		b.jump(other)
		return
	}
	b.storeWord(r9, offKind, int32(mptcpKind))
	b.view(mptcpSock)
	b.copyFields(mptcpSock, r0, r9)
	b.follow(r8, r0, b.chase("mptcp_sock", "first"))
	b.jump(tcp)
}

// udp takes what was read but not yet credited off the receive queue, as
// udp_rqueue_get of include/net/udp.h does.
func (b *builder) udp(other label) {
	if b.canCast(udpSock) {
		b.view(udpSock)
		b.copyFields(udpSock, r0, r9)
	} else {
		b.lose(udpSock, socket.HasQueues, "udp_sock (needs Linux 6.2)")
	}
	b.jump(other)
}
