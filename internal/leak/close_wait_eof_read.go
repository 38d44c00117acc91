package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitEOFRead() Rule {
	return Rule{
		ID: "close-wait-eof-read", Title: "the peer closed, the program read the EOF and never called close()", Severity: Leak,
		Doc: Doc{Means: "The other side has closed the connection. The program has read everything up to the end of the stream and still has the descriptor open. Nothing will ever happen on it again."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "call close() when recv() returns 0, on every path out of the function",
			socket.Python:         "close in `finally`, or use `with socket...`; asyncio: writer.close(); await writer.wait_closed()",
		},
		Check: checkEOFRead,
	}
}

func checkEOFRead(c *Case) []Finding {
	var out []Finding
	for _, g := range c.groups(c.closeWaits(func(q uint32) bool { return q == 0 })) {
		level := Suspect
		if c.proven(g) && (!c.answerable(g) || c.Age(g.sockets[0]).AtLeast >= patience) {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("holds %s that %s closed", plural(len(g.sockets), "socket"), g.where()))
		f.Evidence = append(f.Evidence, "the peer's FIN was consumed (recv-q 0) and close() never followed")
		f.Evidence = appendWords(f.Evidence, c.ends(g.sockets).words())
		out = append(out, f)
	}
	return out
}
