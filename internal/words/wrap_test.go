package words_test

import (
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/words"
)

func TestWrapRespectsTheWidth(t *testing.T) {
	for _, text := range []string{
		"a connection that nobody has closed for a long time",
		"/run/a/path/that/has/no/blank/and/is/longer/than/any/line/of/the/page.sock",
		"see /run/a/path/that/has/no/blank/and/is/longer/than/any/line then go on",
		"名前はとても長いので一行には入りません、二行でも足りません、三行なら入ります",
		"e\u0301e\u0301e\u0301e\u0301 e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301",
	} {
		for width := 10; width < 60; width++ {
			lines := words.Wrap(text, width)
			for _, line := range lines {
				if words.Width(line) > width {
					t.Errorf("width %d: %q takes %d columns", width, line, words.Width(line))
				}
			}
			plain := strings.ReplaceAll(text, " ", "")
			if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != plain {
				t.Errorf("width %d: %q became %q", width, plain, got)
			}
		}
	}
	if got := words.Wrap("as it is", 0); len(got) != 1 || got[0] != "as it is" {
		t.Errorf("without a width: %q", got)
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"10.0.0.1:40001", 14, "10.0.0.1:40001"},
		{"10.0.0.1:40001", 8, "10.0.0.."},
		{"10.0.0.1:40001", 1, "."},
		{"名前名前", 5, "名.."},
	} {
		if got := words.Cut(c.text, c.columns); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}
