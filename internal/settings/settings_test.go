package settings

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
)

func known(rule string) bool {
	for _, r := range rules.All() {
		if ok, err := path.Match(rule, r.ID); ok && err == nil {
			return true
		}
	}
	return false
}

func TestParse(t *testing.T) {
	got, err := Parse([]byte(`# what we know of
version: 1
thresholds:
  grace: 10s
  several: 5
ignore:
  - rule: close-wait-*
    peer: 10.0.0.0/8:5432
    process: 'api-*'
    port: 8080
    reason: >
      the pool closes
      after an hour
    until: 2026-12-31
  - {rule: slow-leak, reason: r, until: "2027-01-01"}
`), "dir/.sockleak.yaml", known)
	if err != nil {
		t.Fatal(err)
	}
	p, err := leak.ParsePeer("10.0.0.0/8:5432")
	if err != nil {
		t.Fatal(err)
	}
	want := &Settings{
		Thresholds: leak.Settings{Grace: 10 * time.Second, Proof: leak.Defaults().Proof, Silence: leak.Defaults().Silence, Several: 5},
		Ignores: []leak.Ignore{
			{Rule: "close-wait-*", Process: "api-*", Peer: &p, Port: 8080, Reason: "the pool closes after an hour",
				Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), From: "dir/.sockleak.yaml:7", At: &leak.Location{File: "dir/.sockleak.yaml", Line: 7}},
			{Rule: "slow-leak", Reason: "r", Until: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC),
				From: "dir/.sockleak.yaml:15", At: &leak.Location{File: "dir/.sockleak.yaml", Line: 15}},
		},
	}
	opt := cmp.Comparer(func(a, b leak.PeerPattern) bool { return a == b })
	if d := cmp.Diff(want, got, opt); d != "" {
		t.Error(d)
	}
}

func TestDefaultsStay(t *testing.T) {
	got, err := Parse([]byte("version: 1\n"), "f", known)
	if err != nil || got.Thresholds != leak.Defaults() || got.Ignores != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestErrors(t *testing.T) {
	const head = "version: 1\n"
	const entry = head + "ignore:\n  - rule: slow-leak\n"
	for _, c := range []struct{ text, want string }{
		{"", "f:1: no version; the file needs the line: version: 1"},
		{"# nothing\n", "f:1: no version; the file needs the line: version: 1"},
		{"[]", "f:1: no version; the file needs the line: version: 1"},
		{"thresholds: {}\n", "f:1: no version; the file needs the line: version: 1"},
		{"\nversion: 2\nnew: 1\n", "f:2: version 2 is newer than this sockleak, which reads version 1; update sockleak"},
		{"version: one\n", `f:1: "one" is not a version; this sockleak reads version 1`},
		{"version: 1.5\n", `f:1: "1.5" is not a version; this sockleak reads version 1`},
		{"version: 0\n", `f:1: "0" is not a version; this sockleak reads version 1`},
		{head + "threshold: {}\n", `f:2: unknown key "threshold"; the keys here are version, thresholds, ignore`},
		{head + "thresholds:\n  grase: 5s\n", `f:3: unknown key "grase"; the keys here are grace, proof, silence, several`},
		{entry + "    peers: 1.2.3.4\n", `f:4: unknown key "peers"; the keys here are rule, process, peer, port, fingerprint, sockets, reason, until`},
		{head + "thresholds:\n  grace: soon\n", `f:3: "soon" is not a duration above zero, such as 90s, 1h30m or 2d`},
		{head + "thresholds:\n  grace: 5\n", `f:3: "5" is not a duration above zero, such as 90s, 1h30m or 2d`},
		{head + "thresholds:\n  proof: 0s\n", `f:3: "0s" is not a duration above zero, such as 90s, 1h30m or 2d`},
		{head + "thresholds:\n  silence: [1s]\n", `f:3: expected a single value`},
		{head + "thresholds:\n  several: 0\n", `f:3: "0" is not a whole number above zero`},
		{head + "thresholds:\n  several: 1.5\n", `f:3: "1.5" is not a whole number above zero`},
		{head + "thresholds: 5s\n", `f:2: keys and values (grace, proof, silence, several) expected, not "5s"`},
		{head + "ignore: slow-leak\n", `f:2: a list expected, not "slow-leak"`},
		{head + "ignore:\n  - slow-leak\n", `f:3: keys and values (rule, process, peer, port, fingerprint, sockets, reason, until) expected, not "slow-leak"`},
		{entry + "    reason: r\n", "f:3: this ignore has no until; give the last day on which it applies, such as until: 2026-12-31"},
		{entry + "    until: 2026-12-31\n", "f:3: this ignore has no reason; say why the finding is accepted"},
		{entry + "    reason: ' '\n    until: 2026-12-31\n", "f:3: this ignore has no reason; say why the finding is accepted"},
		{entry + "    until: 31.12.2026\n", `f:4: "31.12.2026" is not a date such as 2026-12-31`},
		{entry + "    until: 2026-02-30\n", `f:4: "2026-02-30" is not a date such as 2026-12-31`},
		{entry + "    port: 70000\n", `f:4: "70000" is not a port from 1 to 65535`},
		{entry + "    process: '['\n", `f:4: "[" is not a pattern such as gunicorn or 'api-*'`},
		{entry + "    peer: db\n", `f:4: "db" is not an address such as 10.0.0.5, 10.0.0.0/8, 10.0.0.5:5432 or [fe80::/10]:443`},
		{head + "ignore:\n  - rule: slow-leek\n", `f:3: no rule is called "slow-leek"; sockleak explain lists them`},
		{head + "ignore:\n  - reason: r\n", `f:3: this ignore has no rule; sockleak explain lists them, and '*' is all`},
		{head + "a: b: c\n", `f:2: mapping values are not allowed in this context`},
		{head + head, `f:2: mapping key "version" already defined at line 1`},
		{head + "---\nversion: 1\n", `f: more than one document; put everything into the first`},
		{strings.Repeat("#", maxSize+1), `f: more than 1048576 bytes; this cannot be a settings file`},
	} {
		got, err := Parse([]byte(c.text), "f", known)
		if err == nil || err.Error() != c.want {
			t.Errorf("%.60q:\n got %v (%v)\nwant %s", c.text, err, got, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, FileName)
	if _, err := Read(name, known); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Read(dir, known); err == nil || !strings.HasSuffix(err.Error(), ": not a regular file") {
		t.Errorf("a directory: %v", err)
	}
	if err := os.WriteFile(name, []byte("version: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(name, known); err != nil {
		t.Error(err)
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(loop, known); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("unreadable: %v", err)
	}
}

// TestDocumentedExample: the file that the page shows is one that is read.
func TestDocumentedExample(t *testing.T) {
	page, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/settings.md has no example")
	}
	s, err := Parse([]byte(example), FileName, known)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Ignores) < 2 || s.Thresholds == leak.Defaults() {
		t.Errorf("the example shows too little: %+v", s)
	}
	for _, name := range []string{"file", "thresholds", "ignore"} {
		keys := keysOf(name)
		if len(keys) < 3 {
			t.Errorf("keys of %s: %q", name, keys)
		}
		for _, key := range keys {
			if !strings.Contains(string(page), "`"+key+"`") {
				t.Errorf("docs/settings.md does not explain %s", key)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"version: 1\nignore:\n  - rule: slow-leak\n    reason: r\n    until: 2026-12-31\n",
		"version: 1\nthresholds: {grace: 1s}\n", "a: &a [*a]", "version: 1\nignore: &x\n  - <<: {rule: '*'}\n", "!!binary x", "{", "version: 1\nx: *y\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse([]byte(text), "f", known)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q", err)
			}
			return
		}
		for _, i := range s.Ignores {
			if i.Reason == "" || i.Until.IsZero() || i.At.Line < 1 {
				t.Errorf("%+v", i)
			}
		}
	})
}
