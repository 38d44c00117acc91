package trend

import (
	"encoding/json"
	"io"
	"time"
)

// SchemaVersion is the version of the JSON document of a trend.
const SchemaVersion = "1.1"

// document is the JSON form. Times are RFC 3339 in UTC.
type document struct {
	SchemaVersion string           `json:"schema_version"`
	Host          string           `json:"host"`
	From          time.Time        `json:"from"`
	To            time.Time        `json:"to"`
	Reports       int              `json:"reports"`
	Skipped       map[string]int   `json:"skipped_reports"` // reason: reports
	NotRead       int              `json:"not_read_reports"`
	LeftOut       int              `json:"left_out_series"`
	Boots         int              `json:"boots"`
	GeneratedAt   time.Time        `json:"generated_at"`
	AgeSeconds    float64          `json:"newest_report_age_seconds"`
	Late          bool             `json:"late"` // reports have stopped: more than two were missed
	Targets       []documentTarget `json:"targets"`
	Times         []time.Time      `json:"times"` // of the points of all series
	Findings      []documentSeries `json:"findings"`
	Processes     []documentSeries `json:"process_descriptors"`
	States        []documentSeries `json:"tcp_states"`
}

// documentTarget is what some of the reports looked at.
type documentTarget struct {
	Target       string    `json:"target"` // as record was told; "" when the reports do not say
	Reports      int       `json:"reports"`
	LastReport   time.Time `json:"last_report"`
	EverySeconds float64   `json:"usual_interval_seconds,omitempty"` // absent when not known
	Partial      bool      `json:"partial"`                          // the newest report did not see everything
}

// documentSeries is one series. Points are the largest counts at and after
// each of the times, up to the next.
type documentSeries struct {
	Target          string    `json:"target,omitempty"`
	Process         string    `json:"process,omitempty"`
	State           string    `json:"state,omitempty"`
	Rule            string    `json:"rule,omitempty"`
	Level           string    `json:"level,omitempty"`
	Fingerprint     string    `json:"fingerprint,omitempty"`
	Where           string    `json:"where,omitempty"`
	Limit           int       `json:"limit,omitempty"`
	Status          string    `json:"status"`
	FirstSeen       time.Time `json:"first_seen"`
	LastSeen        time.Time `json:"last_seen"`
	Count           int       `json:"count"`
	MaxCount        int       `json:"max_count"`
	GrowthPerSecond *float64  `json:"growth_per_second,omitempty"`
	ToLimitSeconds  *float64  `json:"to_limit_seconds,omitempty"`
	Points          []int     `json:"points"`
}

// WriteJSON writes the trend as one JSON document.
func WriteJSON(w io.Writer, t *Trend) error {
	d := document{SchemaVersion: SchemaVersion, Host: t.Host, From: t.From, To: t.To, Reports: t.Reports,
		Skipped: map[string]int{}, NotRead: t.Older, LeftOut: t.LeftOut, Boots: t.Boots, Times: t.Times,
		GeneratedAt: t.Now, AgeSeconds: t.Age().Seconds(), Late: t.Late(), Targets: []documentTarget{},
		Findings: []documentSeries{}, Processes: []documentSeries{}, States: []documentSeries{}}
	for p, n := range t.Skipped {
		d.Skipped[p.String()] = n
	}
	for _, g := range t.Targets {
		d.Targets = append(d.Targets, documentTarget{g.Name, g.Reports, g.Last, g.Every.Seconds(), g.Partial})
	}
	for _, s := range t.Findings {
		j := jsonSeries(s)
		j.Process = s.Name
		d.Findings = append(d.Findings, j)
	}
	for _, s := range t.Processes {
		j := jsonSeries(s)
		j.Process = s.Name
		d.Processes = append(d.Processes, j)
	}
	for _, s := range t.States {
		j := jsonSeries(s)
		j.State = s.Name
		d.States = append(d.States, j)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(d)
}

func jsonSeries(s *Series) documentSeries {
	j := documentSeries{Target: s.Target.Name, Rule: s.Rule, Level: s.Level, Fingerprint: s.Fingerprint, Where: s.Where, Limit: s.Limit,
		Status: s.Status(), FirstSeen: s.First, LastSeen: s.Last, Count: s.Now, MaxCount: s.Max, Points: s.Points()}
	if s.Growth.Growing {
		j.GrowthPerSecond = &s.Growth.Rate
	}
	if left, ok := s.ToLimit(); ok {
		seconds := left.Seconds()
		j.ToLimitSeconds = &seconds
	}
	return j
}
