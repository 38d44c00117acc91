package report

import (
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// junit writes what Jenkins' schema (junit-10.xsd of its xunit plugin)
// accepts and GitLab renders: a test suite for each process, in it a test
// case for each rule. Class and name hold no pid, so that a CI system can
// follow a case from run to run.
func junit() Format {
	return Format{
		Name:  "junit",
		Doc:   "JUnit XML for CI systems: one test case per process and rule",
		Write: writeJUnit,
	}
}

func writeJUnit(w io.Writer, r *Report, opt Options) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(newJUnit(r, opt)); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newJUnit(r *Report, opt Options) junitSuites {
	all := junitSuites{Name: "sockleak"}
	found := map[junitKey][]*leak.Finding{}
	for i := range r.Findings {
		f := &r.Findings[i]
		key := junitKey{f.Process, f.Rule}
		found[key] = append(found[key], f)
	}
	rules := ruleIDs(r)
	for _, subject := range junitSubjects(r) {
		s := subject.suite(r)
		for _, rule := range rules {
			list := found[junitKey{subject.id, rule}]
			if subject.id.PID == 0 && len(list) == 0 {
				continue // rules are judged by process; only findings can be without one
			}
			s.add(newJUnitCase(r, opt, "sockleak."+subject.name, rule, list))
		}
		if len(s.Cases) == 0 { // CI systems take a report without a case for a broken one
			s.add(junitCase{Class: "sockleak", Name: "targets", Skipped: &junitText{Message: "no process was examined"}})
		}
		all.Suites = append(all.Suites, s)
		all.Tests += s.Tests
		all.Failures += s.Failures
	}
	return all
}

type junitKey struct {
	process socket.ProcessID
	rule    string
}

// ruleIDs returns the rules that judged, and those of findings that came
// from elsewhere.
func ruleIDs(r *Report) []string {
	var ids []string
	for i := range r.Rules {
		ids = append(ids, r.Rules[i].ID)
	}
	for i := range r.Findings {
		if id := r.Findings[i].Rule; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// add puts the case into the suite and counts it.
func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// newJUnitCase judges one rule at one process. Findings that do not fail the
// build go to system-out. What could not be judged is skipped, never passed.
func newJUnitCase(r *Report, opt Options, class, rule string, list []*leak.Finding) junitCase {
	c := junitCase{Class: class, Name: rule}
	var failed, told []string
	for _, f := range list {
		if !opt.fails(f) {
			told = append(told, plain(r, f))
			continue
		}
		if c.Failure == nil {
			c.Failure = &junitText{Type: f.Level.String(), Message: headline(r, f)}
		}
		failed = append(failed, plain(r, f))
	}
	if c.Failure != nil {
		if more := len(failed) - 1; more > 0 {
			c.Failure.Message += " (and " + words.Plural(more, "finding") + " more)"
		}
		c.Failure.Body = strings.Join(failed, "\n\n")
	} else if why := notJudged(r); why != "" {
		c.Skipped = &junitText{Message: why}
	}
	if len(told) > 0 {
		c.SystemOut = &junitPlain{strings.Join(told, "\n\n")}
	}
	return c
}

// notJudged says why finding nothing proves nothing, or "" when it does.
func notJudged(r *Report) string {
	for _, g := range r.Snapshot.Gaps {
		if g.Blinds {
			return "not seen: " + gapWords(g)
		}
	}
	if r.Verdict == Unseen {
		return verdictWords(r)
	}
	return ""
}

// junitSubject is what a suite is about.
type junitSubject struct {
	id   socket.ProcessID // zero for sockets that no process owns
	name string           // clean, without dots (Jenkins cuts a class at its last dot), unique
}

// junitSubjects returns the targets, then the other processes with findings
// (co-holders), then the sockets without a process where there are findings.
func junitSubjects(r *Report) []junitSubject {
	var list []junitSubject
	seen := map[socket.ProcessID]bool{}
	used := map[string]bool{}
	last := map[string]int{} // number given last, by name
	add := func(id socket.ProcessID) {
		if seen[id] {
			return
		}
		seen[id] = true
		base := strings.ReplaceAll(processName(r.Snapshot, id), ".", "_")
		name := base
		for n := last[base] + 1; used[name]; n++ { // prefork workers: told apart by their order
			last[base] = n
			name = base + " #" + strconv.Itoa(n+1)
		}
		used[name] = true
		list = append(list, junitSubject{id, name})
	}
	for i := range r.Accounts {
		add(r.Accounts[i].Process)
	}
	for i := range r.Findings {
		add(r.Findings[i].Process)
	}
	if len(list) == 0 {
		add(socket.ProcessID{})
	}
	return list
}

func (s junitSubject) suite(r *Report) junitSuite {
	suite := junitSuite{
		Name: "sockleak " + s.name, Timestamp: r.Snapshot.Taken.UTC().Format(time.RFC3339),
		Hostname: words.Clean(r.Snapshot.Host),
		Properties: []junitProperty{
			{"sockleak.version", words.Clean(r.Version)}, {"sockleak.verdict", string(r.Verdict)},
		},
	}
	for _, line := range settingsLines(r) {
		suite.Properties = append(suite.Properties, junitProperty{"sockleak.settings", line})
	}
	if s.id.PID != 0 {
		suite.Properties = append(suite.Properties, junitProperty{"process.pid", strconv.Itoa(s.id.PID)})
	}
	return suite
}
