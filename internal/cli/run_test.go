package cli

import (
	"bytes"
	"strings"
	"time"
)

// run is one run of the program at a given time.
func run(at time.Time, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	env := Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
		Now: func() time.Time { return at }}
	code = Main(args, env)
	return code, out.String(), errs.String()
}
