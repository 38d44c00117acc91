package cli

import "github.com/sockleak/sockleak/internal/socket"

// topic is something other than a rule that explain knows.
type topic struct {
	name, title string
	parts       []topicPart
	rules       []string // that are about it
}

// topicPart is a paragraph below its own head.
type topicPart struct{ head, text string }

// The heads of what explain says of a state.
const (
	means  = "What it means"
	whose  = "Whose move it is"
	normal = "When it is normal"
	leaky  = "When it is a leak"
)

// stateTopics returns the states of a connection in the order in which it can
// pass through them, by the names of RFC 9293 (section 3.3.2) as ss(8) has them.
func stateTopics() []topic {
	return []topic{
		{socket.Listen.String(), "waiting for connections", []topicPart{
			{means, "listen() was called. The kernel finishes the handshakes of clients by itself and puts the connections into the accept queue, whose length and limit (the backlog) ss shows as Recv-Q and Send-Q."},
			{whose, "The program's: it calls accept()."},
			{leaky, "Nobody waits for the listener any more, and its port stays in use; or clients sit in its queue and accept() never comes."},
		}, []string{"never-accepted", "listener-unserved", "saturated"}},
		{socket.SynSent.String(), "connect() was called, and no answer has come", []topicPart{
			{means, "The SYN is out. The kernel repeats it net.ipv4.tcp_syn_retries times, at growing distances: with the default of 6 it gives up after some 130 seconds."},
			{whose, "The peer's, or that of a firewall that drops the packets."},
			{leaky, "Attempts pile up: connect() without a time-out of its own."},
		}, []string{"syn-sent-stuck", "connect-failed"}},
		{socket.SynRecv.String(), "a client's SYN was answered", []topicPart{
			{means, "Half of the handshake is done. No program has it yet: it belongs to the kernel until the client's ACK comes, and then waits in the accept queue."},
			{whose, "The peer's."},
			{normal, "Always; many at a time are a SYN flood or a client behind a bad line."},
		}, nil},
		{socket.Established.String(), "both sides can send", []topicPart{
			{means, "The handshake is done. Nothing in the protocol ends an idle connection: without keepalive (SO_KEEPALIVE of socket(7)) and without data it lives until one side closes it, also when the other machine is long gone."},
			{whose, "Whoever's turn it is in the protocol above."},
			{normal, "Pools, subscriptions, websockets, and whatever waits for a question. Idle alone is never a leak."},
			{leaky, "The program has lost it: unread data lies in its queue and nobody waits for it, the peer is gone and nothing will tell, or connections of one kind only come and never go."},
		}, []string{"abandoned", "recv-window-full", "dead-peer", "send-stuck", "held-by-worker", "slow-leak", "survivors"}},
		{socket.FinWait1.String(), "we closed first; our FIN is not acknowledged", []topicPart{
			{means, "close() or shutdown(SHUT_WR) was called, and the FIN, with the data before it, is on its way."},
			{whose, "The peer's kernel, which acknowledges by itself. A peer with a full window keeps it here."},
			{normal, "For as long as a packet takes."},
			{leaky, "They pile up without a descriptor: peers that are gone or do not read. The kernel gives up after net.ipv4.tcp_orphan_retries."},
		}, []string{"orphans"}},
		{socket.FinWait2.String(), "we closed our side; the peer has not closed its own", []topicPart{
			{means, "The peer's kernel knows that we will send no more. The peer may still send."},
			{whose, "The peer program's: it has to close. If it does not, it is in CLOSE_WAIT there."},
			{normal, "After close() the kernel reaps it in net.ipv4.tcp_fin_timeout, 60 seconds by default. After shutdown(SHUT_WR), while an answer is still coming."},
			{leaky, "The program called shutdown(), kept the descriptor and nobody reads: no timer runs then, and the socket stays until the program ends."},
		}, []string{"fin-wait2-held", "orphans"}},
		{socket.CloseWait.String(), "the peer closed, and we have not", []topicPart{
			{means, "The peer's FIN has come. recv() returns 0 (EOF) once the data before it was read. The kernel does nothing more: there is no time-out for this state."},
			{whose, "The program's: it has to call close()."},
			{normal, "For the moment between EOF and close(); in an idle pool until the pool looks at the connection again; in a half-closed connection on which the program still sends."},
			{leaky, "It stays. With recv-q 0 the program has read the EOF and forgot close(); with 1 only the FIN is unread: the program has not read since; with more, data does too. With keepalive, a probe is answered by a reset after a minute or two: then the state is CLOSE, and only the descriptor is left."},
		}, []string{"close-wait-eof-read", "close-wait-eof-unread", "close-wait-data-unread", "dead-pool", "spin-on-eof"}},
		{socket.LastAck.String(), "both closed, the peer first; our FIN is not acknowledged", []topicPart{
			{means, "The program has called close() after the peer's FIN. Its descriptor is gone."},
			{whose, "The peer's kernel."},
			{normal, "For as long as a packet takes; longer when the peer is unreachable."},
		}, []string{"orphans"}},
		{socket.Closing.String(), "both closed at the same moment", []topicPart{
			{means, "The two FINs crossed. Rare and short."},
			{whose, "The peer's kernel."},
		}, []string{"orphans"}},
		{socket.TimeWait.String(), "closed, and kept for a minute by the side that closed first", []topicPart{
			{means, "The connection is over, and no program has it. For 60 seconds (TCP_TIMEWAIT_LEN) the kernel remembers its addresses, so that a late packet is not taken for one of a new connection, and the last ACK can be repeated."},
			{whose, "Nobody's: it goes by itself."},
			{normal, "Always. It costs a few hundred bytes."},
			{leaky, "Never. But a client that opens and closes thousands of connections a minute to one destination runs out of ephemeral ports."},
		}, []string{"time-wait", "port-pressure"}},
		{socket.Close.String(), "not connected: not yet, or no more", []topicPart{
			{means, "Of TCP: socket() was called and nothing else, or the connection has ended by a reset, a time-out or a failed connect(), and the descriptor is still open. It is in no table then: ss does not show it, lsof says \"can't identify protocol\". Of UDP and UNIX sockets: open, without a fixed peer."},
			{whose, "The program's: it has to call close()."},
			{leaky, "They stay. This is where connections in CLOSE_WAIT go after some time, so old leaks are found here."},
		}, []string{"reset-not-closed", "connect-failed", "never-connected"}},
		{socket.BoundInactive.String(), "bound to a port, and neither listening nor connected", []topicPart{
			{means, "bind() was called, and neither listen() nor connect(). Since Linux 6.8 it is in a table; ss shows it with -B."},
			{whose, "The program's."},
			{leaky, "They stay: bind() succeeded, listen() failed, and nobody closed."},
		}, []string{"bound-unused"}},
	}
}
