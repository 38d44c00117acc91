package report

import (
	"encoding/json"
	"io"
	"strconv"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/words"
)

// otlp writes the findings as the logs of OpenTelemetry's protocol, in its JSON
// form: what a collector's receiver takes at /v1/logs, and its file receiver
// reads, one request on a line.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
func otlp() Format {
	return Format{
		Name:  "otlp",
		Doc:   "OpenTelemetry logs (OTLP/JSON), to a file or a collector's URL",
		Write: writeOTLP,
	}
}

// The JSON of opentelemetry/proto/logs/v1/logs.proto: 64-bit integers are strings.
type otlpRequest struct {
	ResourceLogs []otlpResourceLogs `json:"resourceLogs"`
}

type otlpResourceLogs struct {
	Resource  otlpAttributes  `json:"resource"`
	ScopeLogs []otlpScopeLogs `json:"scopeLogs"`
}

type otlpAttributes struct {
	Attributes []otlpAttribute `json:"attributes"`
}

type otlpScopeLogs struct {
	Scope      otlpScope    `json:"scope"`
	LogRecords []otlpRecord `json:"logRecords"`
}

type otlpScope struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type otlpRecord struct {
	TimeUnixNano         string          `json:"timeUnixNano"`
	ObservedTimeUnixNano string          `json:"observedTimeUnixNano"`
	SeverityNumber       int             `json:"severityNumber"`
	SeverityText         string          `json:"severityText"`
	EventName            string          `json:"eventName"`
	Body                 otlpValue       `json:"body"`
	Attributes           []otlpAttribute `json:"attributes"`
}

type otlpAttribute struct {
	Key   string    `json:"key"`
	Value otlpValue `json:"value"`
}

type otlpValue struct {
	String *string    `json:"stringValue,omitempty"`
	Int    string     `json:"intValue,omitempty"`
	Array  *otlpArray `json:"arrayValue,omitempty"`
}

type otlpArray struct {
	Values []otlpValue `json:"values"`
}

func otlpText(key, s string) otlpAttribute { return otlpAttribute{key, otlpValue{String: &s}} }

func otlpInt(key string, n int) otlpAttribute {
	return otlpAttribute{key, otlpValue{Int: strconv.Itoa(n)}}
}

func otlpTexts(key string, list []string) otlpAttribute {
	values := make([]otlpValue, len(list))
	for i := range list {
		values[i].String = &list[i]
	}
	return otlpAttribute{key, otlpValue{Array: &otlpArray{values}}}
}

// writeOTLP writes one request: a record for each finding, and one that sums
// up, so that a clean run is seen as one.
func writeOTLP(w io.Writer, r *Report, _ Options) error {
	d := newHead(r)
	at := strconv.FormatInt(d.Time.UnixNano(), 10)
	// Severity numbers of opentelemetry/proto/logs/v1/logs.proto.
	severity := map[string]int{"note": 9, "suspect": 13, "leak": 17} // INFO, WARN, ERROR
	var records []otlpRecord
	for i := range r.Findings {
		f := documentFinding(r.Snapshot, &r.Findings[i])
		records = append(records, otlpRecord{at, at, severity[f.Level], f.Level, "sockleak.finding",
			otlpValue{String: new(headline(r, &r.Findings[i]))}, otlpFinding(&f)})
	}
	records = append(records, otlpRecord{at, at, severity["note"], string(d.Verdict), "sockleak.summary",
		otlpValue{String: new(verdictLine(r))},
		[]otlpAttribute{otlpText("sockleak.verdict", string(d.Verdict)), otlpInt("sockleak.gaps", len(d.Gaps))}})
	return json.NewEncoder(w).Encode(otlpRequest{[]otlpResourceLogs{{
		Resource: otlpAttributes{[]otlpAttribute{otlpText("service.name", "sockleak"), otlpText("service.version", words.Clean(d.Tool.Version)),
			otlpText("host.name", d.Host.Name), otlpText("os.type", d.Host.OS)}},
		ScopeLogs: []otlpScopeLogs{{otlpScope{"sockleak", words.Clean(d.Tool.Version)}, records}},
	}}})
}

// otlpFinding gives a finding's facts the names that its schema says.
func otlpFinding(f *DocumentFinding) []otlpAttribute {
	list := []otlpAttribute{otlpText("sockleak.rule", f.Rule), otlpText("sockleak.level", f.Level),
		otlpText("sockleak.fingerprint", leak.BaseFingerprint(f.Fingerprint)), otlpInt("sockleak.sockets", f.Count),
		otlpTexts("sockleak.evidence", f.Evidence), otlpText("sockleak.fix", f.Fix)}
	if f.PID != 0 {
		list = append(list, otlpInt("process.pid", f.PID), otlpText("process.executable.name", f.Process))
	}
	if len(f.Unknown) > 0 {
		list = append(list, otlpTexts("sockleak.unknown", f.Unknown))
	}
	if f.Local != "" {
		list = append(list, otlpText("network.local.address", f.Local))
	}
	if len(f.Peers) > 0 {
		list = append(list, otlpText("network.peer.address", f.Peers[0].Address))
	}
	if f.Location != nil {
		list = append(list, otlpText("code.file.path", f.Location.File), otlpInt("code.line.number", f.Location.Line))
	}
	return list
}
