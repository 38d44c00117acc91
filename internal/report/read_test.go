package report

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oldReports are documents as versions before this one wrote them.
func oldReports(t *testing.T) []string {
	t.Helper()
	written, err := filepath.Glob("testdata/reports/v1.*.json")
	if err != nil || len(written) == 0 {
		t.Fatalf("no old reports: %v", err)
	}
	landed, err := filepath.Glob("testdata/landed/*.json")
	if err != nil || len(landed) == 0 {
		t.Fatalf("no landed reports: %v", err)
	}
	return append(written, landed...)
}

// TestOldReportsStayReadable reads every old document, and loses nothing of
// it: what is written again is what was read.
func TestOldReportsStayReadable(t *testing.T) {
	for _, file := range oldReports(t) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := ParseDocument(raw)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		again, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var was, is any
		if err := errors.Join(json.Unmarshal(raw, &was), json.Unmarshal(again, &is)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("%s: -written +read:\n%s", file, diff)
		}
	}
}

func TestParseDocumentRefuses(t *testing.T) {
	good := write(t, jsonDocument(), leakyReport(), Options{})
	with := func(old, new string) string { return strings.Replace(string(good), old, new, 1) }
	for _, tc := range []struct {
		name, in string
		newer    bool
		want     string
	}{
		{"newer major", with(`"`+SchemaVersion+`"`, `"2.0"`), true, "2.0"},
		{"newer major of other types", `{"schema_version":"3.1","verdict":{"is":1},"findings":{}}`, true, "3.1"},
		{"no version", with(`"schema_version"`, `"version"`), false, "schema_version"},
		{"no number", with(`"`+SchemaVersion+`"`, `"latest"`), false, "schema_version"},
		{"major 0", with(`"`+SchemaVersion+`"`, `"0.9"`), false, "schema_version"},
		{"version is a number", with(`"`+SchemaVersion+`"`, `1.0`), false, "schema_version"},
		{"cut off", string(good[:len(good)/2]), false, "unexpected end"},
		{"empty", "", false, "unexpected end"},
		{"two documents", string(good) + string(good), false, "after top-level value"},
		{"another type", with(`"looks": 2`, `"looks": "two"`), false, "looks"},
		{"not JSON", "leak: 2 sockets", false, "invalid character"},
	} {
		doc, err := ParseDocument([]byte(tc.in))
		if err == nil || doc != nil {
			t.Errorf("%s: accepted", tc.name)
			continue
		}
		if errors.Is(err, ErrNewerSchema) != tc.newer || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestParseDocumentTakesLaterMinorVersions(t *testing.T) {
	good := write(t, jsonDocument(), leakyReport(), Options{})
	later := strings.Replace(string(good), `"`+SchemaVersion+`",`, `"1.7", "added_later": {"a": [1]},`, 1)
	doc, err := ParseDocument([]byte(later))
	if err != nil {
		t.Fatal(err)
	}
	if doc.SchemaVersion != "1.7" || len(doc.Findings) != 3 || doc.Findings[0].Count != 2 {
		t.Errorf("got %+v", doc)
	}
}

// FuzzParseDocument: whatever is in a file, reading it ends in a document of
// a version that we know or in an error.
func FuzzParseDocument(f *testing.F) {
	for _, r := range reports() {
		f.Add(write(f, jsonDocument(), r, Options{}))
	}
	f.Add([]byte(`{"schema_version":"1.0"}`))
	f.Add([]byte(`{"schema_version":"99999999999.0"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := ParseDocument(raw)
		if (doc == nil) == (err == nil) {
			t.Fatalf("doc %v, error %v", doc, err)
		}
		if doc != nil && strings.TrimLeft(doc.SchemaVersion, "0")[:2] != "1." {
			t.Errorf("took version %q", doc.SchemaVersion)
		}
	})
}
