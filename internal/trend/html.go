package trend

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"time"

	"github.com/sockleak/sockleak/internal/words"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// maxCharts is the number of findings that get a chart of their own, and of
// processes with one; the table has them all.
const maxCharts = 50

// WriteHTML writes the trend as one page that needs nothing else: no network,
// no other file. It can be read on a phone, in the dark and on paper, and
// without JavaScript, which only sorts the table.
func WriteHTML(w io.Writer, t *Trend) error {
	page, err := template.New("page").Funcs(template.FuncMap{
		"stamp":    func(at time.Time) string { return at.Format("2006-01-02 15:04 MST") },
		"iso":      func(at time.Time) string { return at.Format(time.RFC3339) },
		"duration": words.Span,
		"forecast": forecast,
		"limit":    limit,
		"count":    words.Plural,
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return page.Execute(w, pageData(t))
}

// page is what the template shows.
type page struct {
	*Trend
	Headline  string
	Warning   string
	Several   bool // targets
	Remarks   []string
	CSS       template.CSS
	JS        template.JS
	ScriptSum string // for the Content-Security-Policy: no other script may run
	StateArea *chart
	Causes    []charted
	Fullest   []charted
	Rising    int
	Fresh     int
	Over      int
}

// charted is a series with its chart.
type charted struct {
	*Series
	Chart *chart
}

func pageData(t *Trend) *page {
	sum := sha256.Sum256([]byte(pageJS))
	p := &page{Trend: t, Headline: headline(t), Warning: warning(t), Several: len(t.Targets) > 1, Remarks: notes(t), CSS: template.CSS(pageCSS), JS: template.JS(pageJS),
		ScriptSum: base64.StdEncoding.EncodeToString(sum[:])}
	if len(t.States) > 0 {
		p.StateArea = newChart(t, t.States[:min(len(t.States), len(strokes))])
	}
	for i, s := range t.Findings {
		switch {
		case s.Ended:
			p.Over++
		case s.Growth.Growing:
			p.Rising++
		case s.New:
			p.Fresh++
		}
		if i < maxCharts {
			p.Causes = append(p.Causes, charted{s, newChart(t, []*Series{s})})
		}
	}
	for _, s := range notable(t) {
		if len(p.Fullest) < maxCharts {
			p.Fullest = append(p.Fullest, charted{s, newChart(t, []*Series{s})})
		}
	}
	return p
}
