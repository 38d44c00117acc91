package report

import (
	"fmt"
	"io"

	"github.com/sockleak/sockleak/internal/leak"
)

// githubOutput writes the outputs of a GitHub Actions step, as its
// GITHUB_OUTPUT file has them:
// https://docs.github.com/actions/reference/workflow-commands#setting-an-output-parameter
func githubOutput() Format {
	return Format{
		Name:  "github-output",
		Doc:   "verdict and counts as outputs of a GitHub Actions step",
		Write: writeGitHubOutput,
	}
}

// Own words and numbers only: nothing here comes from another process.
func writeGitHubOutput(w io.Writer, r *Report, _ Options) error {
	count := map[leak.Level]int{}
	for i := range r.Findings {
		count[r.Findings[i].Level]++
	}
	_, err := fmt.Fprintf(w, "verdict=%s\nleaks=%d\nsuspects=%d\nsockets=%d\n",
		r.Verdict, count[leak.Leak], count[leak.Suspect], r.Tally.Leaked+r.Tally.Suspected)
	return err
}
