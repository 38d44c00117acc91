package cli

import "strings"

// workflowFile returns the file of the CI system's configuration that runs
// this job, relative to the root of the repository, or "".
//
//   - GitHub: GITHUB_WORKFLOW_REF is OWNER/REPO/.github/workflows/FILE@REF.
//   - GitLab: CI_CONFIG_PATH, a URL or FILE@PROJECT where it lies elsewhere.
func workflowFile(getenv func(string) string) string {
	if ref, ok := strings.CutPrefix(getenv("GITHUB_WORKFLOW_REF"), getenv("GITHUB_REPOSITORY")+"/"); ok {
		file, _, _ := strings.Cut(ref, "@")
		return file
	}
	if file := getenv("CI_CONFIG_PATH"); !strings.ContainsAny(file, "@:") {
		return file
	}
	return ""
}
