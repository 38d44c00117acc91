//go:build linux

package bpf

import (
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// describe emits what follows the common part: the address family decides.
// It returns the places of the functions that walk accept queues.
func (b *builder) describe(out label) (trusted, untrusted label) {
	b.netns()
	b.move(r1, r8)
	b.call(helperSocketCookie)
	b.store(8, r9, offCookie, r0)

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

	b.place(tcp)
	trusted = b.tcp(other, out)
	b.place(mptcp)
	untrusted = b.mptcp(other, out)
	b.place(udp)
	b.udp(other)
	return trusted, untrusted
}

// netns fills in the network namespace, where the kernel has such.
func (b *builder) netns() {
	if _, ok := b.kernel.find("sock", "__sk_common.skc_net.net"); !ok {
		b.lose(netStruct, 0, "network namespaces (CONFIG_NET_NS)")
		return
	}
	b.load(8, r2, r8, b.chase("sock", "__sk_common.skc_net.net"))
	b.copyFields(netStruct, r2, r9)
}

// addresses copies both addresses. An IPv4 socket has its own pair of fields;
// those of an IPv6 socket hold IPv4 addresses in mapped form.
func (b *builder) addresses() {
	v6, done := b.newLabel(), b.newLabel()
	b.load(2, r1, r9, offFamily)
	b.jumpIf(opEqImm, r1, 0, unix.AF_INET6, v6)
	b.copyWords(1, b.chase("sock", "__sk_common.skc_rcv_saddr"), offLocal)
	b.copyWords(1, b.chase("sock", "__sk_common.skc_daddr"), offRemote)
	b.jump(done)
	b.place(v6)
	if _, ok := b.kernel.find("sock", "__sk_common.skc_v6_daddr"); !ok { // no CONFIG_IPV6
		b.place(done)
		return
	}
	b.copyWords(4, b.chase("sock", "__sk_common.skc_v6_rcv_saddr"), offLocal)
	b.copyWords(4, b.chase("sock", "__sk_common.skc_v6_daddr"), offRemote)
	b.place(done)
}

// copyWords copies 32-bit words from the sock in r8 into the record.
func (b *builder) copyWords(n, from, to int16) {
	for i := range n {
		b.load(4, r1, r8, from+4*i)
		b.store(4, r9, to+4*i, r1)
	}
}

// cast makes a tcp_sock, an mptcp_sock and so on of the pointer in from. The
// kernel lets such a pointer be read, but not handed to a helper.
func (b *builder) cast(from reg, to object) {
	b.move(r1, from)
	b.moveImm(r2, int32(b.kernel.ids[symbol{kindStruct, to.String()}]))
	b.callKfunc(b.kernel.ids[symbol{kindFunc, "bpf_rdonly_cast"}])
}

func (b *builder) canCast(to object) bool {
	return b.hasStruct(to) && !b.basic && b.hasFunc("bpf_rdonly_cast") // 6.2
}

// tcp describes the TCP socket in r8, with its accept queue.
func (b *builder) tcp(other, out label) (queue label) {
	b.tcpFields(other, true)
	return b.writeWithQueue(tcpKind, out)
}

// tcpFields fills in the tcpPart for the sock in r8, and loads r7 with its
// accept queue. A sock reached through cast is not trusted.
func (b *builder) tcpFields(other label, trusted bool) {
	b.zero(r9, headerSize, tcpSize)
	b.call(helperJiffies64)
	b.store(8, r9, offJiffies, r0)
	if trusted {
		b.move(r1, r8)
		b.call(helperSkcToTCP)
		b.jumpZero(r0, other)
	} else {
		b.cast(r8, tcpSock)
	}
	b.copyFields(tcpSock, r0, r9)
	b.load(8, r7, r0, b.chase("tcp_sock", "inet_conn.icsk_accept_queue.rskq_accept_head"))
}

// mptcp describes the MPTCP socket in r8: its own state, the ages and timers
// of its first subflow, which also is the one that listens.
func (b *builder) mptcp(other, out label) (queue label) {
	if !b.canCast(mptcpSock) {
		if b.hasStruct(mptcpSock) { // else there are no such sockets
			b.lose(mptcpSock, socket.HasQueues|socket.HasTimer|socket.HasTCPInfo, "mptcp_sock (needs Linux 6.2)")
		}
		b.jump(other)
		return b.newLabel()
	}
	first := b.newLabel()
	b.zero(r9, tcpSize, mptcpSize)
	b.cast(r8, mptcpSock)
	b.copyFields(mptcpSock, r0, r9)
	b.load(8, r8, r0, b.chase("mptcp_sock", "first"))
	b.jumpIf(opNeImm, r8, 0, 0, first)
	b.zero(r9, headerSize, tcpSize)
	b.write(mptcpKind, out)
	b.place(first)
	b.tcpFields(other, false)
	b.load(4, r1, r0, b.chase("tcp_sock", "inet_conn.icsk_inet.sk.sk_ack_backlog"))
	b.store(4, r9, offBacklog, r1)
	b.load(4, r1, r0, b.chase("tcp_sock", "inet_conn.icsk_inet.sk.sk_max_ack_backlog"))
	b.store(4, r9, offMaxBacklog, r1)
	return b.writeWithQueue(mptcpKind, out)
}

// udp takes what was read but not yet credited off the receive queue, as
// udp_rqueue_get of include/net/udp.h does.
func (b *builder) udp(other label) {
	if b.canCast(udpSock) {
		b.cast(r8, udpSock)
		b.copyFields(udpSock, r0, r9)
	} else {
		b.lose(udpSock, socket.HasQueues, "udp_sock (needs Linux 6.2)")
	}
	b.jump(other)
}

// unix describes the UNIX socket in r8.
func (b *builder) unix(other, out label) {
	if b.basic || !b.hasFunc("bpf_skc_to_unix_sock") || !b.hasStruct(unixSock) {
		b.lose(unixSock, socket.HasQueues, "unix_sock (needs Linux 5.16 with CONFIG_UNIX=y)")
		b.jump(other)
		return
	}
	b.move(r1, r8)
	b.call(helperSkcToUnix)
	b.jumpZero(r0, other)
	b.zero(r9, headerSize, unixSize)
	b.copyFields(unixSock, r0, r9)
	b.load(8, r2, r0, b.chase("unix_sock", "sk.sk_receive_queue.next"))
	b.copyFields(skBuff, r2, r9)
	b.unixPath()
	b.load(8, r2, r0, b.chase("unix_sock", "peer"))
	unpaired := b.newLabel()
	b.jumpZero(r2, unpaired)
	b.copyFields(peerSock, r2, r9)
	for _, step := range [][2]string{{"sock", "sk_socket"}, {"socket", "file"}, {"file", "f_inode"}} {
		b.load(8, r2, r2, b.chase(step[0], step[1]))
		b.jumpZero(r2, unpaired)
	}
	b.load(8, r1, r2, b.chase("inode", "i_ino"))
	b.store(8, r9, offPeerInode, r1)
	b.place(unpaired)
	b.write(unixKind, out)
}

// unixPath copies the bound path of the unix_sock in r0, in the widest pieces
// that are aligned on the stack.
func (b *builder) unixPath() {
	unnamed := b.newLabel()
	b.load(8, r2, r0, b.chase("unix_sock", "addr"))
	b.jumpZero(r2, unnamed)
	b.load(4, r1, r2, b.chase("unix_address", "len"))
	b.store(4, r9, offAddrLen, r1)
	from := b.chase("unix_address", "name") + 2 // sockaddr_un.sun_path
	for i := int16(0); i < unixPathMax; {
		size := int16(8)
		for (offPath+i)%size != 0 || i+size > unixPathMax {
			size /= 2
		}
		b.load(uint32(size), r1, r2, from+i)
		b.store(uint32(size), r9, offPath+i, r1)
		i += size
	}
	b.place(unnamed)
}
