package report

import (
	"github.com/sockleak/sockleak/internal/leak"
)

// SGR parameters of ECMA-48, as every terminal knows them.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// paint colours text after it was measured: escapes have no width.
func (p *page) paint(sgr, text string) string {
	if !p.opt.Color || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

func levelColor(l leak.Level) string {
	switch l {
	case leak.Leak:
		return red
	case leak.Suspect:
		return yellow
	}
	return cyan
}

func verdictColor(r *Report) string {
	switch {
	case r.Verdict == Leaky:
		return red
	case r.Verdict == Clear && r.Tally.NotJudged == 0:
		return green
	}
	return yellow
}
