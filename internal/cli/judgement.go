package cli

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// judgement is how a history is judged: by which thresholds, what of it is
// left out, and which files say so.
type judgement struct {
	settings leak.Settings
	filter   leak.Filter
	files    []report.SettingsFile
	gaps     []socket.Gap // settings files that were not read

	fullCommand bool
}

// report builds the report of what was found in a history.
func (j *judgement) report(h *track.History, found []leak.Finding, command string) *report.Report {
	r, _ := j.build(h.Now(), h, found, command)
	if r.Looks() == 1 && r.Verdict != report.Leaky && r.Verdict != report.Unseen {
		r.Hints = append(r.Hints, "a single sample cannot show growth or stuck sockets; try --for 30s")
	}
	return r
}

// build builds the report of all findings about a snapshot. What is left out
// is said in it, and returned.
func (j *judgement) build(snap *socket.Snapshot, h *track.History, all []leak.Finding, command string) (*report.Report, leak.LeftOut) {
	for _, g := range j.gaps {
		if !slices.Contains(snap.Gaps, g) {
			snap.Gaps = append(snap.Gaps, g)
		}
	}
	findings, left := j.filter.Apply(snap, h, all)
	locate(findings)
	r := report.Of(snap, h, findings)
	r.Judged(all)
	r.Version, r.Command = buildVersion(), command
	r.Hints = append(r.Hints, left.Words()...)
	r.Settings, r.FullCommand = j.hidden(&left), j.fullCommand
	expired := leak.ExpiredIgnore()
	if slices.ContainsFunc(r.Findings, func(f leak.Finding) bool { return f.Rule == expired.ID }) {
		r.Rules = append(r.Rules, expired)
	}
	return r, left
}

// locate names files below the working directory as seen from there, as the
// readers of SARIF and of annotations want it.
func locate(findings []leak.Finding) {
	dir, err := os.Getwd()
	if err != nil {
		return
	}
	for i := range findings {
		at := findings[i].Location
		if at == nil || !filepath.IsAbs(at.File) {
			continue
		}
		if name, err := filepath.Rel(dir, at.File); err == nil && filepath.IsLocal(name) {
			findings[i].Location = &leak.Location{File: name, Line: at.Line}
		}
	}
}

// hidden returns the files with the number of findings that each has hidden.
func (j *judgement) hidden(left *leak.LeftOut) []report.SettingsFile {
	files := slices.Clone(j.files)
	for _, i := range left.Ignored {
		for k := range files {
			if at := i.Ignore.At; at != nil && at.File == files[k].Path {
				files[k].Findings += i.Findings
				files[k].Sockets += i.Sockets
			}
		}
	}
	return files
}
