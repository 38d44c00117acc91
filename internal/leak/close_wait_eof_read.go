package leak

import "github.com/sockleak/sockleak/internal/socket"

func closeWaitEOFRead() Rule {
	return Rule{
		ID: "close-wait-eof-read", Title: "EOF was read, close() never followed", Severity: Leak,
		Remedy: Remedy{socket.RuntimeUnknown: "close the socket"},
		Check:  func(c *Case) []Finding { return nil },
	}
}
