package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// xmlParses reads every token, as a strict XML parser does.
func xmlParses(t *testing.T, out []byte) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(out))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("not XML: %v\n%q", err, out)
		}
	}
}

// TestJUnitSchema asks xmllint, which shares no code with us.
func TestJUnitSchema(t *testing.T) {
	needTool(t, "xmllint", "libxml2-utils")
	all := reports()
	all["same names"] = namedReport("a.b", "a_b", "w", "w", "w #2", "w", "no process", "w #2")
	all["no targets"] = fixtureReport(fixtureSnapshot(nil, nil), nil)
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			out := write(t, junit(), r, Options{})
			runTool(t, out, "xmllint", "--noout", "--nonet", "--schema", "testdata/junit.xsd", "-")
		})
	}
}

func TestJUnitFailsWhatTheExitCodeFails(t *testing.T) {
	for _, tc := range []struct {
		failOn   leak.Level
		failures int
	}{{0, 1}, {leak.Leak, 1}, {leak.Suspect, 2}, {leak.Note, 3}, {leak.Leak + 1, 0}} {
		doc := newJUnit(leakyReport(), Options{FailOn: tc.failOn})
		if doc.Failures != tc.failures {
			t.Errorf("fail on %v: %d failures, want %d", tc.failOn, doc.Failures, tc.failures)
		}
	}
}

func TestJUnitSkipsWhatWasNotSeen(t *testing.T) {
	blind := leakyReport()
	blind.Snapshot.Gaps = unknownReport().Snapshot.Gaps
	fewSamples := cleanReport()
	fewSamples.Verdict = Unseen
	for name, r := range map[string]*Report{"gap": unknownReport(), "gap beside a leak": blind, "few samples": fewSamples} {
		for _, s := range newJUnit(r, Options{}).Suites {
			if s.Skipped == 0 || s.Skipped+s.Failures != s.Tests {
				t.Errorf("%s: %s: %d tests, %d failures, %d skipped: something passed unseen",
					name, s.Name, s.Tests, s.Failures, s.Skipped)
			}
		}
	}
}

// TestJUnitNamesAreStable: another run has other pids and the same names.
func TestJUnitNamesAreStable(t *testing.T) {
	names := func(shift int) (list []string) {
		r := leakyReport()
		for i := range r.Snapshot.Processes {
			r.Snapshot.Processes[i].ID.PID += shift
			r.Accounts[i].Process.PID += shift
		}
		for i := range r.Findings {
			if id := &r.Findings[i].Process; *id != (socket.ProcessID{}) {
				id.PID += shift
			}
		}
		for _, s := range newJUnit(r, Options{}).Suites {
			for _, c := range s.Cases {
				list = append(list, c.Class+" "+c.Name)
			}
		}
		return list
	}
	before, after := names(0), names(1000)
	if len(before) != 10 || len(after) != len(before) {
		t.Fatalf("cases: %q and %q", before, after)
	}
	for i := range before {
		if before[i] != after[i] {
			t.Errorf("%q became %q", before[i], after[i])
		}
	}
}

// namedReport has one process of each name, and a finding without a process.
func namedReport(names ...string) *Report {
	var procs []socket.Process
	for i, name := range names {
		procs = append(procs, socket.Process{ID: socket.ProcessID{PID: i + 1, Start: 1}, Name: name, Target: true, FDs: -1})
	}
	return fixtureReport(fixtureSnapshot(procs, nil), []leak.Finding{{Rule: "time-wait", Level: leak.Note, Summary: "many"}})
}

func TestJUnitNamesAreUnique(t *testing.T) {
	r := namedReport("a.b", "a_b", "w", "w", "w #2", "w", "no process", "w #2")
	want := []string{"a_b", "a_b #2", "w", "w #2", "w #2 #2", "w #3", "no process", "w #2 #3", "no process #2"}
	subjects := junitSubjects(r)
	if len(subjects) != len(want) {
		t.Fatalf("got %+v", subjects)
	}
	for i, s := range subjects {
		if s.name != want[i] {
			t.Errorf("process %d is %q, want %q", i, s.name, want[i])
		}
	}
}
