package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sockleak/sockleak/internal/leak"
)

// compileSchema compiles a JSON Schema with the formats asserted.
func compileSchema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, doc []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%v\nin %s", err, doc)
	}
}

func TestSARIFSchema(t *testing.T) {
	s := compileSchema(t, "testdata/sarif-schema-2.1.0.json")
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			validate(t, s, write(t, sarif(), r, Options{}))
			validate(t, s, write(t, sarif(), r, Options{RunBy: ".github/workflows/ci.yml"}))
		})
	}
	for _, text := range seeds() {
		validate(t, s, write(t, sarif(), hostileReport(text), Options{RunBy: text}))
	}
}

// sarifHolds: it parses, and no message has a link.
func sarifHolds(t *testing.T, out []byte) {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(out, &log); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, r := range log.Runs[0].Results {
		texts = append(texts, r.Message.Text)
	}
	for _, n := range log.Runs[0].Invocations[0].Notifications {
		texts = append(texts, n.Message.Text)
	}
	for _, text := range texts {
		if strings.Contains(text, "](") {
			t.Errorf("a link in %q", text)
		}
	}
}

// TestSARIFResults: every finding is a result with a place.
func TestSARIFResults(t *testing.T) {
	r := leakyReport()
	for _, runBy := range []string{"", ".github/workflows/ci.yml"} {
		var log sarifLog
		if err := json.Unmarshal(write(t, sarif(), r, Options{RunBy: runBy}), &log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		if len(run.Results) != len(r.Findings) || len(run.Invocations[0].Notifications) != 1 {
			t.Fatalf("%d findings, %d results, notifications %+v", len(r.Findings), len(run.Results), run.Invocations)
		}
		for i, res := range run.Results {
			f := &r.Findings[i]
			if rule := run.Tool.Driver.Rules[res.RuleIndex].ID; rule != res.RuleID || rule != f.Rule {
				t.Errorf("ruleIndex leads to %s, not %s", rule, res.RuleID)
			}
			if want := leak.BaseFingerprint(f.Fingerprint(r.Snapshot.Process(f.Process))); res.Fingerprints["sockleak/v1"] != want {
				t.Errorf("fingerprint %q, want %q", res.Fingerprints, want)
			}
			place := res.Locations[0]
			switch {
			case place.Logical[0].Name != processName(r.Snapshot, f.Process):
				t.Errorf("result %d names the program %+v", i, place.Logical)
			case f.Location != nil:
				if res.Level != "error" || place.Physical.Artifact.URI != "src/db%20pool.py" || place.Physical.Region.StartLine != 17 {
					t.Errorf("the line is known, got %+v", place.Physical)
				}
			case runBy == "" && place.Physical != nil, runBy != "" && (place.Physical == nil || place.Physical.Artifact.URI != runBy):
				t.Errorf("run by %q, result %d is at %+v", runBy, i, place.Physical)
			}
		}
	}
}

func TestFileURI(t *testing.T) {
	for in, want := range map[string]string{
		"a/b.py": "a/b.py", "./a.py": "a.py", "/srv/a b.py": "file:///srv/a%20b.py", `C:\x\a.py`: "file:///C:/x/a.py",
		"a#b?.py": "a%23b%3F.py", "at:b.py": "./at:b.py", `dir\a.py`: "dir/a.py",
	} {
		if got := fileURI(in); got != want {
			t.Errorf("fileURI(%q) = %q, want %q", in, got, want)
		}
	}
}
