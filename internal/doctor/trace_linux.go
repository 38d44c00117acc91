package doctor

import (
	"context"

	"github.com/sockleak/sockleak/internal/opener/attach"
)

// traces tries whether processes can be traced.
func traces(context.Context, Options) []Check {
	c := Check{Name: "trace", Status: OK, Found: "programs can be attached", Gives: "the line of code that opens a socket of a running process (sockleak trace)"}
	tracer, err := attach.New(procRoot)
	if err != nil {
		c.Status, c.Found = Missing, err.Error()
		c.Fix = []string{"of a command, without any privilege: sockleak check --trace -- COMMAND"}
		return []Check{c}
	}
	if err := tracer.Close(); err != nil {
		c.Status, c.Found = Limited, err.Error()
	}
	return []Check{c}
}
