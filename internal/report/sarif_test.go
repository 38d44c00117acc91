package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
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
		t.Run(name, func(t *testing.T) { validate(t, s, write(t, sarif(), r, Options{})) })
	}
	for _, text := range seeds() {
		validate(t, s, write(t, sarif(), hostileReport(text), Options{}))
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

func TestSARIFResults(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal(write(t, sarif(), leakyReport(), Options{}), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if len(run.Results) != 1 || len(run.Invocations[0].Notifications) != 1 {
		t.Fatalf("one finding of three has a place: %+v", run)
	}
	res := run.Results[0]
	place := res.Locations[0].Physical
	if rule := run.Tool.Driver.Rules[res.RuleIndex].ID; rule != res.RuleID {
		t.Errorf("ruleIndex leads to %s, not %s", rule, res.RuleID)
	}
	if res.Level != "error" || place.Artifact.URI != "src/db%20pool.py" || place.Region.StartLine != 17 {
		t.Errorf("got %+v", res)
	}
	r := leakyReport()
	if want := r.Findings[0].Fingerprint(r.Snapshot.Process(r.Findings[0].Process)); res.Fingerprints["sockleak/v1"] != want {
		t.Errorf("fingerprint %q, want %q", res.Fingerprints, want)
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
