package report

import (
	"encoding/json"
	"io"
	"time"
)

// ndjson writes one line of JSON for each finding and one that sums up, for
// log shippers. Every line stands for itself.
func ndjson() Format {
	return Format{
		Name:  "ndjson",
		Doc:   "one line of JSON per finding and one summary line, for log shippers",
		Write: writeNDJSON,
	}
}

// ndjsonHead is what every line begins with.
type ndjsonHead struct {
	SchemaVersion string       `json:"schema_version"`
	Kind          string       `json:"kind"` // finding or summary
	Time          time.Time    `json:"time"`
	Host          DocumentHost `json:"host"`
}

type ndjsonFinding struct {
	ndjsonHead
	DocumentFinding
}

// ndjsonSummary is always there, and always the last line.
type ndjsonSummary struct {
	ndjsonHead
	Verdict       Verdict            `json:"verdict"`
	Tool          DocumentTool       `json:"tool"`
	Looks         int                `json:"looks"`
	WindowSeconds float64            `json:"window_seconds"`
	ScanSeconds   float64            `json:"scan_seconds"`
	Processes     int                `json:"processes"`
	SocketFDs     int                `json:"socket_descriptors"`
	Identified    int                `json:"identified"`
	Findings      map[string]int     `json:"findings"` // level: findings
	Sockets       map[string]int     `json:"sockets"`  // level: sockets of the findings
	Gaps          []DocumentGap      `json:"gaps"`
	Settings      []DocumentSettings `json:"settings,omitempty"`
}

func writeNDJSON(w io.Writer, r *Report, _ Options) error {
	d := newHead(r)
	head := ndjsonHead{SchemaVersion, "finding", d.Time, d.Host}
	sum := ndjsonSummary{
		ndjsonHead: head, Verdict: d.Verdict, Tool: d.Tool, Looks: d.Looks,
		WindowSeconds: d.WindowSeconds, ScanSeconds: d.ScanSeconds, Processes: len(r.Accounts),
		Findings: map[string]int{}, Sockets: map[string]int{}, Gaps: d.Gaps, Settings: d.Settings,
	}
	sum.Kind = "summary"
	sum.SocketFDs, sum.Identified = r.Total.Descriptors, r.Total.Identified
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range r.Findings {
		f := documentFinding(r.Snapshot, &r.Findings[i])
		sum.Findings[f.Level]++
		sum.Sockets[f.Level] += f.Count
		if err := enc.Encode(ndjsonFinding{head, f}); err != nil {
			return err
		}
	}
	return enc.Encode(sum)
}
