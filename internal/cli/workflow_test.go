package cli

import "testing"

func TestWorkflowFile(t *testing.T) {
	const github, repo, gitlab = "GITHUB_WORKFLOW_REF", "GITHUB_REPOSITORY", "CI_CONFIG_PATH"
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{repo: "o/r", github: "o/r/.github/workflows/ci.yml@refs/heads/main"}, ".github/workflows/ci.yml"},
		{map[string]string{repo: "o/r", github: "other/r/.github/workflows/ci.yml@refs/heads/main"}, ""},
		{map[string]string{gitlab: ".gitlab-ci.yml"}, ".gitlab-ci.yml"},
		{map[string]string{gitlab: "ci/main.yml@group/project"}, ""},
		{map[string]string{gitlab: "https://example.org/ci.yml"}, ""},
	} {
		if got := workflowFile(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: %q, want %q", c.env, got, c.want)
		}
	}
}
