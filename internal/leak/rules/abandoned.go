package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func abandoned() leak.Rule {
	return leak.Rule{
		ID: "abandoned", Title: "alive in the kernel, abandoned by the program: data unread, and nobody reads", Severity: leak.Leak,
		Via: "recv-window-full",
		Doc: leak.Doc{
			Means: "The connection is open and has data for the program, which does not read it. It is closed in the language " +
				"perhaps, and alive in the kernel.",
			Causes: "The last reference was dropped without close(), and the garbage collector has not run (reference " +
				"cycles, makefile() objects, finalizers); or the task that read from it has died.",
			Evidence: "ESTABLISHED, recv-q above 0 for at least the grace period (5 s) and not shrinking: a reader would have been " +
				"woken. It is proven as recv-window-full is.",
			BlindSpot: "Abandoned connections to a silent peer have nothing unread: see slow-leak and survivors.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close the connection when its use ends; do not leave it to the garbage collector",
			socket.Python:         "close in `finally` or use `with`: in a reference cycle, or under a makefile() object, the socket lives on although it was dropped or closed",
			socket.Go:             "defer conn.Close() right after it was opened; read response bodies to the end and close them",
			socket.Node:           "res.resume() on responses that are not read; socket.destroy() when a request is given up",
			socket.Java:           "try-with-resources: a Cleaner closes at the next garbage collection, which may be hours away",
			socket.Ruby:           "ensure sock.close end: the garbage collector closes some time, or never",
			socket.DotNet:         "using var client = new TcpClient(...): a finalizer runs when memory is short, not when sockets are",
			socket.Native:         "tie the descriptor to its owner (RAII, one cleanup function): whoever drops the connection closes it",
			socket.PHP:            "fclose($s) or unset() every reference when its use ends",
			socket.Erlang:         "gen_tcp:close(S) when its use ends; {active, false} without recv leaves data unread",
		}},
	}
}
