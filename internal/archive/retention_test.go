package archive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/atomicfile"
	"github.com/sockleak/sockleak/internal/report"
)

func fill(t *testing.T, w *Writer, n int) (names []Name) {
	t.Helper()
	for i := range n {
		names = append(names, write(t, w, document("h", noon.Add(time.Duration(i)*time.Hour), 10)))
	}
	return names
}

func exists(path string, n Name) bool {
	_, err := os.Lstat(filepath.Join(path, n.String()))
	return err == nil
}

func TestPrune(t *testing.T) {
	for _, c := range []struct {
		name string
		keep func(size int64) Retention
		now  time.Time
		left int
	}{
		{"no limit", func(int64) Retention { return Retention{} }, noon, 6},
		{"count", func(int64) Retention { return Retention{Count: 4} }, noon, 4},
		{"age", func(int64) Retention { return Retention{Age: 150 * time.Minute} }, noon.Add(5 * time.Hour), 3},
		{"bytes", func(size int64) Retention { return Retention{Bytes: 2*size + 10} }, noon, 2},
		{"everything is too old", func(int64) Retention { return Retention{Age: time.Minute} }, noon.Add(99 * time.Hour), 1},
		{"the clock went back", func(int64) Retention { return Retention{Age: time.Minute} }, noon.Add(-time.Hour), 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := t.TempDir()
			d := open(t, path)
			w := lock(t, d, "h")
			names := fill(t, w, 6)
			size := w.size(names[0].String())
			done, err := w.Prune(c.keep(size), c.now)
			if err != nil {
				t.Fatal(err)
			}
			if done.Deleted != 6-c.left || done.Bytes/size != int64(6-c.left) {
				t.Errorf("pruned %+v, want %d left", done, c.left)
			}
			for i, n := range names {
				if exists(path, n) != (i >= 6-c.left) {
					t.Errorf("report %d: wrong fate", i)
				}
			}
		})
	}
}

func TestPruneLeavesOthersAlone(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	w := lock(t, d, "h")
	names := fill(t, w, 2)
	old := noon.Add(-time.Hour)
	sum := "01234567"
	foreign := map[string]string{
		Name{old, "h", sum}.String():           "not a report at all",
		Name{old, "h", "1" + sum[1:]}.String(): `{"tool":{"name":"other"},"host":{"name":"h"}}`,
		Name{old, "h", "2" + sum[1:]}.String(): `{"tool":{"name":"sockleak"},"host":{"name":"other host"}}`,
		Name{old, "other", sum}.String():       `{"tool":{"name":"sockleak"},"host":{"name":"other"}}`,
		"sockleak-notes.json":                  "{}",
		"README":                               "keep me",
		".sockleak-h-short.tmp":                "",
		".sockleak-other-0123456789abcdef.tmp": "",
	}
	for file, text := range foreign {
		if err := os.WriteFile(filepath.Join(path, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// A report of ours that was cut short is still ours.
	cut := Name{old, "h", "3" + sum[1:]}
	whole, err := os.ReadFile(filepath.Join(path, names[0].String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, cut.String()), whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	done, err := w.Prune(Retention{Count: 1}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if done.Deleted != 2 || done.Foreign != 3 || exists(path, cut) || exists(path, names[0]) || !exists(path, names[1]) {
		t.Errorf("pruned %+v", done)
	}
	for file := range foreign {
		if _, err := os.Stat(filepath.Join(path, file)); err != nil {
			t.Errorf("%s is gone", file)
		}
	}
}

// A report written after the clock went back looks like the oldest. The run
// that wrote it must not delete it.
func TestPruneKeepsWhatThisRunWrote(t *testing.T) {
	path := t.TempDir()
	w := lock(t, open(t, path), "h")
	fill(t, w, 3)
	mine := write(t, w, document("h", noon.Add(-time.Hour), 0))
	if _, err := w.Prune(Retention{Count: 1}, noon); err != nil {
		t.Fatal(err)
	}
	if !exists(path, mine) {
		t.Error("deleted the report of this run")
	}
}

func TestLockSweepsLeftovers(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	left := filepath.Join(path, atomicfile.TempName("h"))
	if err := os.WriteFile(left, []byte("half a rep"), 0o600); err != nil {
		t.Fatal(err)
	}
	lock(t, d, "h")
	if _, err := os.Stat(left); err == nil {
		t.Error("the temporary file of a killed run is still there")
	}
}

// TestPruneDropsWhatCannotBeReadFirst: a report beyond the size that is read
// must not push good ones out of --keep-bytes.
func TestPruneDropsWhatCannotBeReadFirst(t *testing.T) {
	path := t.TempDir()
	w := lock(t, open(t, path), "h")
	names := fill(t, w, 3)
	var big []string
	for i, host := range []string{"h", "h", "x"} {
		head := `{"tool":{"name":"sockleak"},"host":{"name":"` + host + `"},"pad":"`
		file := filepath.Join(path, Name{noon.Add(time.Duration(i+2) * 30 * time.Minute), host, "0123456" + string('0'+rune(i))}.String())
		if err := os.WriteFile(file, []byte(head), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, maxReport+1); err != nil {
			t.Fatal(err)
		}
		big = append(big, file)
	}
	done, err := w.Prune(Retention{Bytes: maxReport}, noon.Add(3*time.Hour))
	if err != nil || done.Deleted != 2 {
		t.Errorf("%+v, %v", done, err)
	}
	for _, n := range names {
		if !exists(path, n) {
			t.Errorf("a good report was deleted: %s", n)
		}
	}
	for i, file := range big {
		if _, err := os.Lstat(file); (err == nil) != (i == 2) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestEncodeIsBounded: what is written can be read again, whatever the
// processes are called.
func TestEncodeIsBounded(t *testing.T) {
	doc := document("h", noon, 10)
	long := strings.Repeat(`\x01`, 4096)
	for pid := range 3300 {
		doc.Processes = append(doc.Processes, report.DocumentProcess{PID: pid + 100, Name: "api", Command: []string{long}})
	}
	d := open(t, t.TempDir())
	got, err := d.Read(write(t, lock(t, d, "h"), doc))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Processes) != 3301 || got.SocketsLeftOut != 10 || got.Processes[1].Command != nil || doc.Processes[1].Command == nil {
		t.Errorf("%d processes, %d sockets left out", len(got.Processes), got.SocketsLeftOut)
	}
	for i := range doc.Processes {
		doc.Processes[i].Name = long
	}
	if _, _, err := Encode(doc); err == nil || !strings.Contains(err.Error(), "fewer processes") {
		t.Errorf("a report that cannot be made small enough: %v", err)
	}
}
