package trend

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/archive"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
)

// Options say what is read.
type Options struct {
	Host    string         // as in archive.Name.Host; "" is the host of the newest report
	Since   time.Time      // zero: everything
	Process *regexp.Regexp // of the process's name; nil: all
	Now     time.Time      // when it is asked; zero: when the newest report was made
}

// Trend is what the reports of one host tell over time.
type Trend struct {
	Host       string
	From, To   time.Time // of the oldest and the newest report that was used
	Reports    int       // used
	Skipped    map[archive.Problem]int
	OtherHosts []string    // whose reports lie in the same directory
	Older      int         // reports beyond archive.MaxNames, which were not read
	Boots      int         // of the host
	Findings   []*Series   // by process and cause: growing, new, steady, ended
	Processes  []*Series   // descriptors of the fullest process of each name
	States     []*Series   // TCP sockets by state, the most frequent first
	LeftOut    int         // series beyond maxSeries
	Times      []time.Time // of the points of all series
	PerPoint   int         // how many reports a point stands for at most; it has their largest count
	Targets    []*Target   // what the reports looked at, by name
	Now        time.Time   // when it was asked
}

// Age returns how old the newest report is; 0 when the clock went back.
func (t *Trend) Age() time.Duration { return max(0, t.Now.Sub(t.To)) }

// Late reports whether the reports have stopped: every target has missed more
// than two of its usual reports.
func (t *Trend) Late() bool {
	for _, target := range t.Targets {
		if !target.lateAt(t.Now) {
			return false
		}
	}
	return len(t.Targets) > 0
}

// Growing returns the findings above a note that grow, and the processes whose
// descriptors grow towards their limit.
func (t *Trend) Growing() []*Series {
	var list []*Series
	for _, s := range t.Findings {
		if s.Growth.Growing && rank(s.Level) > leak.Note {
			list = append(list, s)
		}
	}
	for _, s := range t.Processes {
		if _, ok := s.ToLimit(); ok {
			list = append(list, s)
		}
	}
	return list
}

// ErrNoReports is returned when there is nothing to tell.
var ErrNoReports = errors.New("no usable report")

// Read reads the archive. Files that are not usable are counted in Skipped.
func Read(d *archive.Dir, opt Options) (*Trend, error) {
	names, older, err := d.Names("", opt.Since)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%w in %s: sockleak record --dir %s makes one", ErrNoReports, d.Path(), d.Path())
	}
	t := &Trend{Host: opt.Host, Older: older, Now: opt.Now.UTC(), Skipped: map[archive.Problem]int{}}
	names = t.ofHost(names)
	b := newBuilder(t, opt.Process, len(names))
	for i, r := range summaries(d, names) {
		if r.err == nil {
			b.add(i, r.doc)
		} else {
			t.Skipped[problemOf(r.err)]++
		}
	}
	if t.Reports == 0 {
		return nil, fmt.Errorf("%w of host %s in %s (%s)", ErrNoReports, t.Host, d.Path(), skippedText(t))
	}
	if opt.Now.IsZero() {
		t.Now = t.To
	}
	b.finish()
	t.describe(d, names)
	return t, nil
}

// ofHost keeps the names of the trend's host, and counts the others.
func (t *Trend) ofHost(names []archive.Name) []archive.Name {
	if t.Host == "" {
		t.Host = names[len(names)-1].Host
	}
	kept := names[:0]
	for _, n := range names {
		if n.Host == t.Host {
			kept = append(kept, n)
			continue
		}
		t.Skipped[archive.OtherHost]++
		if !slices.Contains(t.OtherHosts, n.Host) && len(t.OtherHosts) < maxHosts {
			t.OtherHosts = append(t.OtherHosts, n.Host)
		}
	}
	slices.Sort(t.OtherHosts)
	return kept
}

// maxHosts bounds the list of other hosts.
const maxHosts = 20

// sane returns a count of a document; one that is negative was made up.
func sane(n int) int { return max(0, n) }

// matches reports whether the process is asked for.
func matches(re *regexp.Regexp, name string) bool { return re == nil || re.MatchString(name) }

// where names the place of a finding in one word.
func where(f *report.DocumentFinding) string {
	switch {
	case f.Local != "":
		return "local " + words.Clean(f.Local)
	case len(f.Peers) == 1:
		return words.Clean(f.Peers[0].Address)
	case len(f.Peers) > 1:
		return fmt.Sprintf("%s and %d more", words.Clean(f.Peers[0].Address), len(f.Peers)-1)
	}
	return ""
}
