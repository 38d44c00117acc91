//go:build linux

package prog

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestIn: what was written for another boot, by another binary or in another pid
// namespace is not believed.
func TestIn(t *testing.T) {
	dir := t.TempDir()
	m, ok := In(dir)
	if !ok || filepath.Dir(m.Path) != dir {
		t.Fatalf("the memory is %q (%v)", m.Path, ok)
	}
	p := Program{Code: []Insn{{Code: 1}}}
	if err := os.WriteFile(m.Path, []byte(m.Text(p)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, ok := m.Recall(); !ok || !reflect.DeepEqual(got, p) {
		t.Fatalf("recalled %+v (%v)", got, ok)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(m.Key, "\n"), "\n")
	for i, name := range []string{"boot ", "binary ", "initial-pid-namespace "} {
		if len(lines) != 3 || !strings.HasPrefix(lines[i], name) {
			t.Fatalf("key %q", m.Key)
		}
		other := Memory{m.Path, strings.Replace(m.Key, lines[i], name+"other\n", 1)}
		if _, ok := other.Recall(); ok {
			t.Errorf("it is believed in spite of another %q", lines[i])
		}
	}
	if _, ok := In(""); ok {
		t.Error("there is a memory in no directory")
	}
}

// FuzzMemory feeds damaged memories to the parser.
func FuzzMemory(f *testing.F) {
	p := Program{[]Insn{{1, 2, 3, 4}, {5, 6, -7, -8}}, []uint32{1}, 9, "a note\n"}
	f.Add(p.text("key"))
	f.Add(strings.Repeat("\xff", 64))
	f.Fuzz(func(t *testing.T, text string) {
		summed := string(appendWord(nil, sum(text))) + text
		for _, text := range []string{text, summed} {
			p, ok := parse(text, "key")
			if ok && p.text("key") != text {
				t.Errorf("%q becomes %q", text, p.text("key"))
			}
		}
	})
}
