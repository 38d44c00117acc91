package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files and the published schema")

// write returns what the format writes about the report.
func write(t testing.TB, f Format, r *Report, opt Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, r, opt); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return b.Bytes()
}

// mustFormat returns the format with the given name.
func mustFormat(t testing.TB, name string) Format {
	t.Helper()
	f, ok := ByName(name)
	if !ok {
		t.Fatalf("there is no format %q", name)
	}
	return f
}

// TestGolden compares every format's view of every fixture with the file
// testdata/golden/FIXTURE.FORMAT; -update rewrites them.
func TestGolden(t *testing.T) {
	for name, r := range reports() {
		for _, f := range Formats() {
			t.Run(name+"/"+f.Name, func(t *testing.T) {
				got := write(t, f, r, Options{Width: 100, Sockets: -1, Verbose: true})
				compareGolden(t, name+"."+f.Name, got)
			})
		}
	}
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s changed (-want +got); if that is right, run go test ./internal/report -update:\n%s", name, diff)
	}
}

// TestFormatsAreDocumented keeps the list of formats fit for help texts.
func TestFormatsAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Formats() {
		if f.Name == "" || f.Doc == "" || f.Write == nil {
			t.Errorf("format %q lacks its name, doc or Write", f.Name)
		}
		if seen[f.Name] {
			t.Errorf("format %q is there twice", f.Name)
		}
		seen[f.Name] = true
		for name := range reports() {
			if _, err := os.Stat(filepath.Join("testdata", "golden", name+"."+f.Name)); err != nil {
				t.Errorf("format %q has no golden file of the fixture %q: run with -update", f.Name, name)
			}
		}
	}
}

// TestFormatsAreDeterministic writes each report often: maps must not show.
func TestFormatsAreDeterministic(t *testing.T) {
	r := leakyReport()
	for _, f := range Formats() {
		want := write(t, f, r, Options{})
		for range 20 {
			if got := write(t, f, r, Options{}); !bytes.Equal(got, want) {
				t.Errorf("%s differs from run to run", f.Name)
				break
			}
		}
	}
}
