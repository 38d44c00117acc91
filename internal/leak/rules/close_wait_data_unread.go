package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitDataUnread() leak.Rule {
	return leak.Rule{
		ID: "close-wait-data-unread", Title: "the peer closed, and left data that nobody reads", Severity: leak.Leak,
		Via: "close-wait-eof-read",
		Doc: leak.Doc{
			Means: "The other side has sent data and closed the connection; the data and the end of the stream lie " +
				"unread.",
			Causes: "The program took what it wanted, a header or the first line, and dropped the connection without " +
				"reading the rest or closing; or the reader died.",
			Evidence: "CLOSE_WAIT with recv-q above 1: that many bytes less one, and the FIN (tcp_fin in net/ipv4/tcp_input.c). " +
				"It is proven as close-wait-eof-read (accepted) and close-wait-eof-unread (opened) are.",
			BlindSpot: "Bytes that were left in user space (a TLS library's buffer, stdio) do not show: such a socket " +
				"appears as close-wait-eof-read. recv-q 24, 25, 32, 58 and 70 may be a TLS close_notify and the FIN, and count as " +
				"an unread EOF.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "read until the end or close: a connection whose answer is of no interest must be closed too",
			socket.Python:         "with requests.get(url, stream=True) as r: ...; http.client: resp.read() or conn.close(), also when only the headers matter",
			socket.Go:             "defer resp.Body.Close() also when only the status matters; io.Copy(io.Discard, resp.Body) to reuse the connection",
			socket.Node:           "res.resume() on every response that is not read, or res.destroy(); undici: await body.dump()",
			socket.Java:           "try (CloseableHttpResponse r = client.execute(get)) { EntityUtils.consume(r.getEntity()); }",
			socket.Ruby:           "Net::HTTP.start(host) { |http| ... } reads and closes; response.read_body even when only the code matters",
			socket.DotNet:         "using var r = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead); - Dispose even if the body is not read",
			socket.Native:         "close(fd) as soon as the answer is of no interest; shutdown(fd, SHUT_RD) does not free the descriptor",
			socket.PHP:            "stream_get_contents($s); fclose($s); - also when only the headers matter",
			socket.Erlang:         "gen_tcp:close(S) when the answer is of no interest; {active, once} leaves the rest unread",
		}},
	}
}
