package cli

import "fmt"

// progress shows on stderr that long work goes on, when it is a terminal.
type progress struct {
	env  Env
	tty  bool
	said bool
}

func newProgress(env Env) *progress {
	_, tty := terminal(env.Stderr)
	return &progress{env: env, tty: tty && env.Getenv("TERM") != "dumb"}
}

// say replaces the line that was said before.
func (p *progress) say(text string) {
	if p.tty {
		fmt.Fprintf(p.env.Stderr, "\r\x1b[K%s", text) // ECMA-48 EL: erase to the end of the line
		p.said = true
	}
}

// line says something that stays: others write to the terminal too.
func (p *progress) line(text string) {
	if p.tty {
		fmt.Fprintf(p.env.Stderr, "sockleak: %s\n", text)
	}
}

// done removes the line.
func (p *progress) done() {
	if p.said {
		fmt.Fprint(p.env.Stderr, "\r\x1b[K")
	}
}
