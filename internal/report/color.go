package report

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/words"
)

// paint colours text after it was measured.
func (p *page) paint(sgr, text string) string { return words.Paint(p.opt.Color, sgr, text) }

// LevelColor returns the colour of a level, one of those of package words.
func LevelColor(l leak.Level) string {
	switch l {
	case leak.Leak:
		return words.Red
	case leak.Suspect:
		return words.Yellow
	}
	return words.Cyan
}

func verdictColor(r *Report) string {
	switch {
	case r.Verdict == Leaky:
		return words.Red
	case r.Verdict == Clear && r.Tally.NotJudged == 0:
		return words.Green
	}
	return words.Yellow
}
