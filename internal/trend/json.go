package trend

import (
	"encoding/json"
	"io"
	"time"
)

// SchemaVersion is the version of the JSON document of a trend.
const SchemaVersion = "1.0"

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
	Times         []time.Time      `json:"times"` // of the points of all series
	Findings      []documentSeries `json:"findings"`
	Processes     []documentSeries `json:"process_descriptors"`
	States        []documentSeries `json:"tcp_states"`
}

// documentSeries is one series. Points are the largest counts at and after
// each of the times, up to the next.
type documentSeries struct {
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
		Findings: []documentSeries{}, Processes: []documentSeries{}, States: []documentSeries{}}
	for p, n := range t.Skipped {
		d.Skipped[p.String()] = n
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
	j := documentSeries{Rule: s.Rule, Level: s.Level, Fingerprint: s.Fingerprint, Where: s.Where, Limit: s.Limit,
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
