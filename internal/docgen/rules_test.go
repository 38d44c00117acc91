package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/leak/rules"
)

func TestPageIsUpToDate(t *testing.T) {
	var want bytes.Buffer
	if err := writeRules(&want, rules.All()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.String(), string(got)); d != "" {
		t.Errorf("docs/rules.md is old: go run ./internal/docgen > docs/rules.md\n%s", d)
	}
}

func TestEscape(t *testing.T) {
	got := escape("a|b *c* `d` x[0] TCP_NODELAY <e>")
	if want := "a\\|b \\*c\\* `d` x\\[0\\] TCP_NODELAY &lt;e>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
