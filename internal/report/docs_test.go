package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func readDoc(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestDocsNameEveryFormat keeps docs/formats.md complete.
func TestDocsNameEveryFormat(t *testing.T) {
	doc := readDoc(t, "formats.md")
	for _, f := range Formats() {
		if !strings.Contains(doc, "\n| `"+f.Name+"` |") {
			t.Errorf("docs/formats.md has no row for %s", f.Name)
		}
	}
}

// TestDocsNameEveryAttribute keeps the table of docs/json.md and the schema
// together.
func TestDocsNameEveryAttribute(t *testing.T) {
	doc := readDoc(t, "json.md")
	var s struct {
		Defs map[string]struct {
			Properties map[string]struct {
				Attribute string `json:"x-opentelemetry"`
			} `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(generateSchema(t), &s); err != nil {
		t.Fatal(err)
	}
	attributes := 0
	for name, def := range s.Defs {
		for field, p := range def.Properties {
			if p.Attribute == "" {
				continue
			}
			attributes++
			if !strings.Contains(doc, "`"+p.Attribute+"`") {
				t.Errorf("docs/json.md lacks %s of %s.%s", p.Attribute, name, field)
			}
		}
	}
	if attributes < 15 {
		t.Errorf("only %d fields carry an OpenTelemetry name", attributes)
	}
}
