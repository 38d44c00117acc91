package archive

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/track"
)

// What one run costs beyond looking and judging: the report, its pointers
// and the state, everything synced.
func BenchmarkRecord(b *testing.B) {
	for _, sockets := range []int{10, 1000, track.MaxSockets} {
		b.Run(fmt.Sprint(sockets), func(b *testing.B) {
			path := b.TempDir()
			w := lock(b, open(b, path), "h")
			at := noon
			for b.Loop() {
				at = at.Add(5 * time.Minute)
				record(b, w, snapshot(at, "boot-1", sockets))
			}
			if info, err := os.Stat(filepath.Join(path, "latest.json")); err == nil {
				b.ReportMetric(float64(info.Size()), "report-bytes")
			}
			if info, err := os.Stat(filepath.Join(path, stateName("h"))); err == nil {
				b.ReportMetric(float64(info.Size()), "state-bytes")
			}
		})
	}
}

// A directory with very many files costs time, not memory. The files are
// empty: only their names count here.
func BenchmarkNames(b *testing.B) {
	path := b.TempDir()
	const files = 200_000
	for i := range files {
		n := Name{Time: noon.Add(time.Duration(i) * time.Second), Host: "h", Sum: "01234567"}
		f, err := os.Create(filepath.Join(path, n.String()))
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
	d := open(b, path)
	for b.Loop() {
		names, more, err := d.Names("", time.Time{})
		if err != nil || len(names) != MaxNames || more != files-MaxNames {
			b.Fatal(len(names), more, err)
		}
	}
}
