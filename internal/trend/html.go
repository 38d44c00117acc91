package trend

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/words"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

//go:embed uplot/uPlot.iife.min.js
var uPlotJS string

//go:embed uplot/uPlot.min.css
var uPlotCSS string

//go:embed uplot/LICENSE
var uPlotLicense string

// WriteHTML writes the trend as one page that needs nothing else: no network,
// no other file. It can be read on a phone, in the dark and on paper; without
// JavaScript, its charts are pictures.
func WriteHTML(w io.Writer, t *Trend) error {
	text, err := template.New("page").Funcs(template.FuncMap{
		"stamp":    stamp,
		"minute":   func(at time.Time) string { return at.Format("2006-01-02 15:04") },
		"iso":      func(at time.Time) string { return at.Format(time.RFC3339) },
		"forecast": forecast,
		"limit":    limit,
		"count":    words.Plural,
		"spark":    func(s *Series) string { return Spark(s.Points(), 16) },
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return text.Execute(w, newPage(t))
}

func stamp(at time.Time) string { return at.Format("2006-01-02 15:04 MST") }

// page is what the template shows.
type page struct {
	*Trend
	Verdict    string
	Basis      string
	Warning    string
	Tally      []tally
	Several    bool // targets
	Details    []charted
	Fullest    []charted
	StateAreas []charted
	Rules      []leak.Rule // those of the findings
	Remarks    []string
	CSS        template.CSS
	Scripts    []template.JS
	Policy     string // the Content-Security-Policy: no other script or style counts
	Data       pageData

	axes map[*Target]int
}

// tally is how many findings are in a status.
type tally struct {
	Status string
	Count  int
}

// pageData is what page.js gets.
type pageData struct {
	Made   int64     `json:"made"` // when the page was made, in seconds since 1970
	Last   int64     `json:"last"` // when the newest report was
	Late   float64   `json:"late"` // after how many seconds without one reports are missing; 0 when not known
	Axes   [][]int64 `json:"axes"` // times of points, in seconds since 1970
	Charts []*chart  `json:"charts"`
}

// charted is a series with its chart.
type charted struct {
	*Series
	Chart *chart
}

func newPage(t *Trend) *page {
	p := &page{Trend: t, Verdict: verdict(t), Basis: basis(t, stamp), Warning: warning(t), Tally: tallies(t), Several: len(t.Targets) > 1, Remarks: notes(t),
		CSS:     template.CSS(uPlotCSS + pageCSS),
		Scripts: []template.JS{template.JS("/*\n" + uPlotLicense + "*/\n" + uPlotJS), template.JS(pageJS)},
		Data:    pageData{Made: t.Now.Unix(), Last: t.To.Unix(), Late: lateAfter * t.every().Seconds(), Axes: [][]int64{}, Charts: []*chart{}},
		axes:    map[*Target]int{}}
	p.Policy = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src " + hash(string(p.CSS)) + "; script-src"
	for _, script := range p.Scripts {
		p.Policy += " " + hash(string(script))
	}
	for i, s := range t.Findings {
		if i < maxDetails {
			p.Details = append(p.Details, charted{s, p.chart("sockets", s.class(), s)})
		}
	}
	for _, r := range rules.All() {
		if slices.ContainsFunc(p.Details, func(c charted) bool { return c.Rule == r.ID }) {
			p.Rules = append(p.Rules, r)
		}
	}
	for _, s := range notable(t) {
		if len(p.Fullest) < maxDetails {
			p.Fullest = append(p.Fullest, charted{s, p.chart("descriptors", strokes[0], s)})
		}
	}
	for _, target := range t.Targets {
		if c := p.states(target); c != nil && len(p.StateAreas) < maxDetails {
			p.StateAreas = append(p.StateAreas, charted{&Series{Target: target}, c})
		}
	}
	return p
}

// hash is how a Content-Security-Policy names a script or style by its content.
func hash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// ID names the place of the finding on the page.
func (c charted) ID() string { return fmt.Sprintf("finding-%d", c.Chart.ID+1) }

// Anchor leads from the table to the details, where there are some.
func (p *page) Anchor(i int) string {
	if i < len(p.Details) {
		return p.Details[i].ID()
	}
	return ""
}

// Explained reports whether the page explains the rule.
func (p *page) Explained(rule string) bool {
	return slices.ContainsFunc(p.Rules, func(r leak.Rule) bool { return r.ID == rule })
}
