//go:build linux

package bpf

import "github.com/sockleak/sockleak/internal/socket"

// walksQueues reports whether the program also describes the connections that
// wait in accept queues.
func (b *builder) walksQueues() bool { return b.states.Has(socket.Listen) && b.canLoop() }

func (b *builder) canLoop() bool { return !b.basic && b.hasFunc("bpf_loop") } // 5.17

// describeAll describes the sock in r8 and the connections in its accept queue
// with the same instructions: the function that bpf_loop calls gets the socket
// first, then one connection after the other. The verifier goes through a loop
// until it meets a state of the frame again that it knows, so that each round
// leaves the frame as it found it.
func (b *builder) describeAll(out label) {
	each, first, more, end := b.newLabel(), b.newLabel(), b.newLabel(), b.newLabel()
	b.load(1, r7, r8, b.chase("sock", "__sk_common.skc_state"))
	b.move(r0, r8)
	b.distrust(sockStruct)
	b.store(8, r6, frameSock, r0)
	b.noneQueued(r0)
	b.zeroNumber(r1, r8, b.chase("sock", "__sk_common.skc_flags"))
	b.addImm(r1, 1)
	alone := b.newLabel()
	b.jumpIf(opNeImm, r7, 0, int32(socket.Listen), alone)
	b.addImm(r1, maxUnaccepted)
	b.place(alone)
	b.loop(each)
	b.place(out)
	b.exit(0)

	b.place(each)
	b.enter()
	b.load(8, r8, r6, frameSock)
	b.noListener(r8)
	b.jumpZero(r1, first)
	b.nextQueued(more, end)
	b.place(first)
	b.more = true
	b.describe(more)
	b.place(more)
	b.exit(0) // go on
	b.place(end)
	b.exit(1) // stop
}

// blank clears the first so many bytes of the record, but for what they say of
// the descriptor and the listener.
func (b *builder) blank(size uintptr) {
	b.zero(r9, 0, uintptr(offTGID)) // length and kind
	b.zero(r9, uintptr(offSock), size)
}

// describeApart does the same where there is no cast: there a trusted sock and
// one out of a queue are different things to the verifier.
func (b *builder) describeApart(out label) {
	each, queued, more, end := b.newLabel(), b.newLabel(), b.newLabel(), b.newLabel()
	b.noneQueued(r8)
	b.describe(queued)
	b.place(queued)
	b.load(1, r1, r9, offState)
	b.jumpIf(opNeImm, r1, 0, int32(socket.Listen), out)
	b.moveImm(r1, maxUnaccepted)
	b.loop(each)
	b.place(out)
	b.exit(0)

	b.place(each)
	b.enter()
	b.blank(recordSize)
	b.nextQueued(more, end)
	b.describe(more)
	b.place(more)
	b.exit(0)
	b.place(end)
	b.exit(1)
}

// loop calls the function at each as often as r1 says, with the frame as its
// second argument.
func (b *builder) loop(each label) {
	b.address(r2, each)
	b.move(r3, r6)
	b.moveImm(r4, 0)
	b.call(helperLoop)
}

// enter starts a function that bpf_loop calls: its arguments are how often it
// was called before, in r1, and the frame.
func (b *builder) enter() {
	b.move(r6, r2)
	b.move(r9, r6)
	b.addImm(r9, frameRec)
}

// noneQueued makes the next connection none, as what it will be later: a
// number, or a pointer of its type. The sock is in the register.
func (b *builder) noneQueued(sock reg) {
	b.noListener(sock)
	switch {
	case b.canCastToMemory():
		b.zeroNumber(r0, sock, b.chase("sock", "__sk_common.skc_flags"))
	case b.canCast(sockStruct):
		b.moveImm(r1, 0)
		b.castTo(r1, "request_sock")
	default:
		b.moveImm(r0, 0)
	}
	b.store(8, r6, frameNext, r0)
}

// noListener makes the record that of a socket which waits in no queue.
func (b *builder) noListener(sock reg) {
	b.zeroNumber(r4, sock, b.chase("sock", "__sk_common.skc_flags"))
	b.store(8, r9, offListen, r4)
}

// queueOf notes the accept queue of the tcp_sock in r0, if the record is that
// of a listener.
func (b *builder) queueOf() {
	if !b.walksQueues() {
		b.lose(tcpSock, 0, "connections waiting to be accepted (needs Linux 5.17)")
		return
	}
	connection := b.newLabel()
	b.load(1, r1, r9, offState)
	b.jumpIf(opNeImm, r1, 0, int32(socket.Listen), connection)
	b.load(8, r1, r0, b.chase("tcp_sock", "inet_conn.icsk_accept_queue.rskq_accept_head"))
	b.store(8, r6, frameNext, r1)
	b.place(connection)
}

// nextQueued loads r8 with the next connection of the accept queue and begins
// its record, which takes the place of the listener's or of the one before.
// The helper for cookies takes trusted pointers only: a connection that has no
// cookie yet is shown without.
func (b *builder) nextQueued(skip, end label) {
	b.load(8, r7, r6, frameNext)
	b.jumpZero(r7, end)
	b.readable(r7)
	b.load(8, r1, r7, b.chase("request_sock", "dl_next"))
	b.store(8, r6, frameNext, r1)
	b.load(8, r8, r7, b.chase("request_sock", "sk"))
	b.jumpZero(r8, skip)
	b.readable(r8)
	b.filterState(skip)
	b.load(8, r1, r8, b.chase("sock", "__sk_common.skc_cookie.counter"))
	b.store(8, r9, offCookie, r1)
	b.load(8, r1, r9, offInode)
	b.store(8, r9, offListen, r1)
}
