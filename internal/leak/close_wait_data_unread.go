package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitDataUnread() Rule {
	return Rule{
		ID: "close-wait-data-unread", Title: "the peer closed, and left data that nobody reads", Severity: Leak,
		Doc: Doc{
			Means: "The other side has sent data and closed the connection; the data and the end of the stream lie " +
				"unread.",
			Causes: "The program took what it wanted, a header or the first line, and dropped the connection without " +
				"reading the rest or closing; or the reader died.",
			Evidence: "CLOSE_WAIT for at least the grace period (5 s) with recv-q above 1: that many bytes less one, and " +
				"the FIN (tcp_fin in net/ipv4/tcp_input.c). Accepted connections become a leak by age, as with " +
				"close-wait-eof-read. Connections that the program opened need growth, or the pattern of single use: " +
				"opened one after another while idle ones were there.",
			BlindSpot: "Bytes that were left in user space (a TLS library's buffer, stdio) do not show: such a socket " +
				"appears as close-wait-eof-read.",
			LookAlike: "An idle HTTPS pool: recv-q 24, 25, 32, 58 and 70 are the sizes of a TLS close_notify and the FIN, " +
				"which the evidence then says. A worker thread that is still busy with a client that gave up gets " +
				"until proof (30 s).",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "read until the end or close: a connection whose answer is of no interest must be closed too",
			socket.Python:         "with requests.get(url, stream=True) as r: ...; http.client: resp.read() or conn.close(), also when only the headers matter",
			socket.Go:             "defer resp.Body.Close() also when only the status matters; io.Copy(io.Discard, resp.Body) to reuse the connection",
			socket.Node:           "res.resume() on every response that is not read, or res.destroy(); undici: await body.dump()",
			socket.Java:           "try (CloseableHttpResponse r = client.execute(get)) { EntityUtils.consume(r.getEntity()); }",
			socket.Ruby:           "Net::HTTP.start(host) { |http| ... } reads and closes; response.read_body even when only the code matters",
			socket.DotNet:         "using var r = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead); - Dispose even if the body is not read",
			socket.Native:         "close(fd) as soon as the answer is of no interest; shutdown(fd, SHUT_RD) does not free the descriptor",
		},
		States: socket.StateSet(socket.CloseWait),
		Want:   closeWaits(func(q uint32) bool { return q > 1 }),
		Check:  checkDataUnread,
	}
}

func checkDataUnread(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		f := c.finding(g, c.unreadLevel(g), fmt.Sprintf("holds %s with unread data that %s closed", Plural(len(g.sockets), "socket"), g.where()))
		var bytes uint64
		for _, s := range g.sockets {
			bytes += uint64(s.RecvQ - 1)
		}
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d bytes and the peer's FIN lie unread", bytes))
		if q := g.sockets[0].RecvQ; closeNotify(q) {
			f.Evidence = append(f.Evidence, fmt.Sprintf("recv-q %d is the size of a TLS close_notify and the FIN: perhaps an idle HTTPS pool", q))
		}
		f.Evidence = c.unreadEvidence(f.Evidence, g)
		out = append(out, f)
	}
	return out
}

// closeNotify reports whether a receive queue has the size of an unread TLS
// close_notify alert with the FIN behind it: TLS 1.3 (RFC 8446), and TLS 1.2
// with ChaCha20, GCM, and CBC with SHA-1 and SHA-256.
func closeNotify(recvQ uint32) bool {
	switch recvQ {
	case 24, 25, 32, 58, 70:
		return true
	}
	return false
}
