package cli_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// action is action.yml, as far as these tests need it.
type action struct {
	Inputs map[string]struct{ Description, Default string }
	Runs   struct {
		Using string
		Steps []step
	}
}

type step struct {
	ID, Name, Uses, If, Shell, Run string
	Env                            map[string]string
}

// TestAction runs the shell steps of action.yml as a runner would: the first
// names the version, the second builds sockleak, the third checks.
func TestAction(t *testing.T) {
	t.Parallel()
	root := repository(t)
	var a action
	decode(t, filepath.Join(root, "action.yml"), &a)
	var steps []step
	for _, s := range a.Runs.Steps {
		if s.Uses == "" { // the others are the runner's own: they set up Go, and keep the program
			steps = append(steps, s)
		}
	}
	if a.Runs.Using != "composite" || len(steps) != 3 {
		t.Fatalf("action.yml runs %q with %d shell steps, want composite with 3", a.Runs.Using, len(steps))
	}
	r := &runner{action: a, root: root, temp: t.TempDir(), path: scriptPrograms(t, "selftest", "shop", "visit") + ":" + os.Getenv("PATH")}
	for _, s := range steps[:2] {
		dir := t.TempDir()
		if out, code := r.run(t, s, nil, dir); code != 0 {
			t.Fatalf("step %s: exit code %d\n%s", s.Name, code, out)
		}
		if s.ID == "version" && !regexp.MustCompile(`^key=sockleak-Linux-X64-[0-9a-f]{64}$`).MatchString(outputs(t, dir)[0]) {
			t.Errorf("the key of the cache is %q", outputs(t, dir))
		}
	}
	for name, tc := range map[string]struct {
		inputs  map[string]string
		code    int
		says    string
		verdict string
		files   []string
	}{
		"leak": {map[string]string{"command": "selftest -leak 5 8s", "junit": "leaks.xml", "json": "leaks.json", "sarif": "leaks.sarif"},
			3, "::error", "leak", []string{"leaks.xml", "leaks.json", "leaks.sarif", "summary.md"}},
		"clean":     {map[string]string{"command": "selftest 3s"}, 0, "clean", "clean", nil},
		"server":    {map[string]string{"command": "shop -leak port", "exercise": "visit port 4"}, 3, "::error", "leak", []string{"summary.md"}},
		"bad level": {map[string]string{"command": "selftest 3s", "fail-on": "often"}, 2, "--fail-on", "", nil},
		"baseline":  {map[string]string{"command": "selftest 3s", "baseline": "missing.yaml"}, 2, "--write-baseline makes it", "", nil},
		"quotes":    {map[string]string{"command": `echo "it's ; $((6*7))"; exit 9`}, 9, "it's ; 42", "clean", nil},
		"no target": {nil, 2, "nothing to check", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out, code := r.run(t, steps[2], tc.inputs, dir)
			if code != tc.code || !strings.Contains(out, tc.says) {
				t.Errorf("exit code %d, want %d with %q\n%s", code, tc.code, tc.says, out)
			}
			if got := outputs(t, dir); tc.verdict != "" && !slices.Contains(got, "verdict="+tc.verdict) {
				t.Errorf("outputs %q, want the verdict %s", got, tc.verdict)
			}
			for _, file := range tc.files {
				if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !strings.Contains(string(text), "close-wait-eof-read") {
					t.Errorf("%s: %v, %q", file, err, text)
				}
				if text, _ := os.ReadFile(filepath.Join(dir, file)); file == "leaks.sarif" && !strings.Contains(string(text), `"uri": ".github/workflows/ci.yml"`) {
					t.Errorf("no result points at the workflow that ran:\n%s", text)
				}
			}
		})
	}
}

// runner plays a GitHub runner.
type runner struct {
	action
	root, temp, path string
}

var expressions = regexp.MustCompile(`\$\{\{[^}]*\}\}`)

// run runs a step with the given inputs in dir.
func (r *runner) run(t *testing.T, s step, inputs map[string]string, dir string) (out string, code int) {
	t.Helper()
	if expressions.MatchString(s.Run) {
		t.Errorf("step %s: an expression inside a script is an injection", s.Name)
	}
	given := map[string]string{"args": "--grace=500ms\n--settle=1s\n--every=200ms\n"}
	maps.Copy(given, inputs)
	cmd := exec.Command(s.Shell, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", s.Run) // as the runner does
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RUNNER_TEMP="+r.temp, "GITHUB_PATH="+r.temp+"/path",
		"GITHUB_STEP_SUMMARY="+dir+"/summary.md", "GITHUB_OUTPUT="+dir+"/outputs", "RUNNER_OS=Linux", "RUNNER_ARCH=X64",
		"GITHUB_REPOSITORY=shop/api", "GITHUB_WORKFLOW_REF=shop/api/.github/workflows/ci.yml@refs/heads/main", "PATH="+r.path)
	for name, value := range s.Env {
		value = expressions.ReplaceAllStringFunc(value, func(e string) string { return r.value(t, strings.Trim(e, "${} "), given) })
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	text, _ := cmd.CombinedOutput()
	return string(text), cmd.ProcessState.ExitCode()
}

// outputs are the lines that a step gave as its outputs.
func outputs(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(dir + "/outputs")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// value evaluates an expression.
func (r *runner) value(t *testing.T, expression string, given map[string]string) string {
	t.Helper()
	if expression == "github.action_path" {
		return r.root
	}
	name, _ := strings.CutPrefix(expression, "inputs.")
	in, known := r.Inputs[name]
	if !known || in.Description == "" {
		t.Fatalf("action.yml uses %s, which it does not define and describe", expression)
	}
	if v, ok := given[name]; ok {
		return v
	}
	return in.Default
}
