package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	reflector "github.com/invopop/jsonschema"

	"github.com/sockleak/sockleak/schema"
)

// schemaFile is the published file; its name has the version.
var schemaFile = filepath.Join("..", "..", "schema", "sockleak-report-"+SchemaVersion+".json")

// generateSchema derives the schema from the types of document.go and the
// comments of their fields. It is a test so that the binary does not carry
// the generator.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	r := &reflector.Reflector{
		AllowAdditionalProperties: true,
		Mapper: func(t reflect.Type) *reflector.Schema {
			if t == reflect.TypeFor[Verdict]() {
				return &reflector.Schema{Type: "string", Enum: []any{Clear, Suspected, Leaky, Unseen}}
			}
			return nil
		},
	}
	for _, file := range []string{"document.go", "opened.go", "waiters.go"} {
		if err := r.AddGoComments("github.com/sockleak/sockleak/internal/report", file, reflector.WithFullComment()); err != nil {
			t.Fatal(err)
		}
	}
	s := r.Reflect(&Document{})
	s.ID = "https://github.com/sockleak/sockleak/schema/sockleak-report-" + SchemaVersion + ".json"
	s.Title = "sockleak report"
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// TestSchemaIsUpToDate compares the published schema with the types.
func TestSchemaIsUpToDate(t *testing.T) {
	got := generateSchema(t)
	if *update {
		if err := os.WriteFile(schemaFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return // the embedded copy is the one of the last build
	}
	if diff := cmp.Diff(schema.Report(), string(got)); diff != "" {
		t.Errorf("the types and the published schema differ (-published +types); run go test ./internal/report -update:\n%s", diff)
	}
}

// TestSchemaDescribesEveryField: a field without a comment has no unit.
func TestSchemaDescribesEveryField(t *testing.T) {
	var s struct {
		Defs map[string]struct {
			Properties map[string]struct {
				Description string `json:"description"`
			} `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(generateSchema(t), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Defs) < 10 {
		t.Fatalf("only %d types", len(s.Defs))
	}
	for name, def := range s.Defs {
		for field, p := range def.Properties {
			if p.Description == "" {
				t.Errorf("%s.%s has no comment", name, field)
			}
		}
	}
}

// TestJSONSchema has an independent validator check what we write and what
// earlier versions wrote.
func TestJSONSchema(t *testing.T) {
	s := compileSchema(t, schemaFile)
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) { validate(t, s, write(t, jsonDocument(), r, Options{})) })
	}
	for _, file := range oldReports(t) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		validate(t, s, raw)
	}
}

// TestSchemaRefusesWhatIsWrong: a schema that takes everything proves nothing.
func TestSchemaRefusesWhatIsWrong(t *testing.T) {
	s := compileSchema(t, schemaFile)
	for name, change := range map[string]func(map[string]any){
		"no version":    func(d map[string]any) { delete(d, "schema_version") },
		"major 2":       func(d map[string]any) { d["schema_version"] = "2.0" },
		"verdict":       func(d map[string]any) { d["verdict"] = "fine" },
		"time":          func(d map[string]any) { d["time"] = "yesterday" },
		"findings gone": func(d map[string]any) { delete(d, "findings") },
		"looks":         func(d map[string]any) { d["looks"] = "two" },
		"level":         func(d map[string]any) { d["findings"].([]any)[0].(map[string]any)["level"] = "bad" },
	} {
		var doc map[string]any
		if err := json.Unmarshal(write(t, jsonDocument(), leakyReport(), Options{}), &doc); err != nil {
			t.Fatal(err)
		}
		change(doc)
		if s.Validate(doc) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	var doc map[string]any
	if err := json.Unmarshal(write(t, jsonDocument(), leakyReport(), Options{}), &doc); err != nil {
		t.Fatal(err)
	}
	doc["added_later"] = 1
	if err := s.Validate(doc); err != nil {
		t.Errorf("a later minor version adds fields: %v", err)
	}
}
