package cli_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// quick makes the documented commands fast enough for a test. Nothing else
// of them is changed.
const quick = "--grace 500ms --settle 1s --every 200ms"

// hurry makes a documented command fast.
func hurry(command string) string {
	for _, before := range []string{"sockleak check ", "SOCKLEAK_ARGS='"} {
		command = strings.Replace(command, before, before+quick+" ", 1)
	}
	return command
}

// TestDocumentedCommands runs every shell command of docs/ci.md on the
// example that it names, once as it is and once with the leak that the
// example has when LEAK is set.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	root := repository(t)
	bin := scriptPrograms(t, "sockleak")
	commands := shellBlocks(t, filepath.Join(root, "docs/ci.md"))
	if len(commands) < 5 {
		t.Fatalf("only %d commands in docs/ci.md", len(commands))
	}
	// The old code base: the first command writes what the second reads.
	accepted := t.TempDir()
	for i, command := range commands {
		if strings.Contains(command, "leak") && !strings.Contains(command, "--timeout ") {
			t.Errorf("%s: no time-out", command)
		}
		for _, leak := range []string{"", "1"} {
			t.Run(fmt.Sprintf("%d leak=%s", i, leak), func(t *testing.T) {
				needs(t, command)
				if !strings.Contains(command, "--baseline") { // those need each other
					t.Parallel()
				}
				dir := filepath.Join(t.TempDir(), "work")
				sh := example(t, root, dir, command)
				script := strings.ReplaceAll(hurry(command), "leaks.yaml", filepath.Join(accepted, "leaks"+leak+".yaml"))
				sh.Args = append(sh.Args, "-c", script)
				sh.Env = append(os.Environ(), "LEAK="+leak, "PORT="+freePort(t), "PATH="+bin+":/usr/bin:"+os.Getenv("PATH"))
				out, _ := sh.CombinedOutput()
				want, says := wanted(command, leak)
				if got := sh.ProcessState.ExitCode(); got != want || !strings.Contains(string(out), says) {
					t.Errorf("%s: exit code %d, want %d with %q\n%s", script, got, want, says, out)
				}
			})
		}
	}
}

// needs skips the test of a command whose program is not installed.
func needs(t *testing.T, command string) {
	t.Helper()
	for program, probe := range map[string][]string{
		"python3": {"/usr/bin/python3", "-c", "import pytest, xdist"},
		"node":    {"node", "--test", "--help"},
		"mvn":     {"ls", "/usr/share/maven-repo/org/apache/maven/surefire", "/usr/share/maven-repo/junit"},
	} {
		if !strings.Contains(command, program+" ") {
			continue
		}
		if err := exec.Command(probe[0], probe[1:]...).Run(); err != nil {
			t.Skipf("needs %s: %v (.ci/steps.bash names the Debian packages)", strings.Join(probe, " "), err)
		}
	}
}

// wanted is the exit code of a documented command, on the example without and
// with its leak, and what the command then says.
func wanted(command, leak string) (code int, says string) {
	switch {
	case strings.HasSuffix(command, "-- python3 -m pytest -q test_server.py"):
		return 1, "Connection refused" // nothing serves these tests, so they fail, and that code is kept
	case leak == "" || strings.Contains(command, "--baseline"):
		return 0, ""
	case strings.Contains(command, "sockleak_pytest"):
		return 1, "opened in  test_fetch.py::test_two"
	case strings.Contains(command, "sockleak.mjs"):
		return 1, "opened in  two"
	case strings.HasPrefix(command, "go "):
		return 1, "--- FAIL: TestSize"
	}
	return 3, "leak["
}

// TestPluginsWithoutSockleak: where sockleak is not installed, the plugins say
// so, and the tests do not pass as if they had been checked.
func TestPluginsWithoutSockleak(t *testing.T) {
	t.Parallel()
	for _, command := range shellBlocks(t, filepath.Join(repository(t), "docs/ci.md")) {
		if !strings.HasPrefix(command, "SOCKLEAK_ARGS") {
			continue
		}
		needs(t, command)
		sh := example(t, repository(t), filepath.Join(t.TempDir(), "work"), command)
		sh.Args = append(sh.Args, "-c", command)
		node, err := exec.LookPath("node")
		if err != nil {
			t.Fatal(err)
		}
		sh.Env = append(os.Environ(), "PATH=/usr/bin:/bin:"+filepath.Dir(node))
		if out, err := sh.CombinedOutput(); err == nil || !strings.Contains(string(out), "sockleak is not on the PATH") {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
}

// example prepares a shell in a copy of the example that the command is for.
func example(t *testing.T, root, dir, command string) *exec.Cmd {
	t.Helper()
	name := "python"
	switch {
	case strings.HasPrefix(command, "go "):
		// Not a copy: it is a package of this module.
		return &exec.Cmd{Path: "/bin/sh", Args: []string{"sh"}, Dir: filepath.Join(root, "docs/examples/go")}
	case strings.Contains(command, "node"):
		name = "node"
	case strings.Contains(command, "mvn"):
		name = "java"
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "docs/examples", name))); err != nil {
		t.Fatal(err)
	}
	if name == "java" {
		fromDebian(t, dir)
	}
	return &exec.Cmd{Path: "/bin/sh", Args: []string{"sh"}, Dir: dir}
}

// fromDebian has Maven find everything in Debian's packages: no other
// repository can be reached where the tests run.
func fromDebian(t *testing.T, dir string) {
	t.Helper()
	repository := filepath.Join(dir, "repository") // links, since Maven writes beside what it reads
	if out, err := exec.Command("cp", "-rs", "/usr/share/maven-repo", repository).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := errors.Join(
		os.Mkdir(filepath.Join(dir, ".mvn"), 0o755),
		os.WriteFile(filepath.Join(dir, ".mvn/maven.config"), []byte("--offline -Dmaven.repo.local="+repository), 0o644),
	); err != nil {
		t.Fatal(err)
	}
}

// TestCISnippets: the YAML of docs/ci.md is YAML, and uses what exists.
func TestCISnippets(t *testing.T) {
	t.Parallel()
	root := repository(t)
	var action struct{ Inputs map[string]any }
	decode(t, filepath.Join(root, "action.yml"), &action)
	text, err := os.ReadFile(filepath.Join(root, "docs/ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d YAML blocks in docs/ci.md, want those for GitHub and GitLab", len(blocks))
	}
	var github struct {
		Steps []struct{ With map[string]string }
	}
	if err := yaml.Unmarshal([]byte(blocks[0][1]), &github); err != nil {
		t.Fatal(err)
	}
	for _, step := range github.Steps {
		for input := range step.With {
			if _, ok := action.Inputs[input]; !ok {
				t.Errorf("docs/ci.md uses the input %s, which action.yml does not have", input)
			}
		}
	}
	var gitlab map[string]struct {
		Script    []string
		Artifacts struct{ Reports struct{ JUnit string } }
	}
	if err := yaml.Unmarshal([]byte(blocks[1][1]), &gitlab); err != nil {
		t.Fatal(err)
	}
	job := gitlab["leaks"]
	if len(job.Script) != 1 || !strings.Contains(job.Script[0], "junit="+job.Artifacts.Reports.JUnit) {
		t.Fatalf("the GitLab job does not upload the report that it writes: %+v", job)
	}
	writesReport(t, job.Script[0], job.Artifacts.Reports.JUnit)
	pipeline := regexp.MustCompile("(?s)```groovy\n.* sh \"(.*?)\"\n.* junit '(.*?)'.*```").FindStringSubmatch(string(text))
	if pipeline == nil {
		t.Fatal("docs/ci.md has no pipeline for Jenkins that runs a command and reads its report")
	}
	writesReport(t, pipeline[1], pipeline[2])
}

// writesReport runs the command of a CI system's job on the example that
// leaks: it fails, and writes the report that the system reads.
func writesReport(t *testing.T, command, report string) {
	t.Helper()
	needs(t, command)
	dir := filepath.Join(t.TempDir(), "work")
	sh := example(t, repository(t), dir, command)
	sh.Args = append(sh.Args, "-c", hurry(command))
	sh.Env = append(os.Environ(), "LEAK=1", "PORT="+freePort(t), "PATH="+scriptPrograms(t, "sockleak")+":/usr/bin:"+os.Getenv("PATH"))
	out, _ := sh.CombinedOutput()
	if code := sh.ProcessState.ExitCode(); code != 3 {
		t.Errorf("exit code %d, want 3\n%s", code, out)
	}
	if text, err := os.ReadFile(filepath.Join(dir, report)); err != nil || !strings.Contains(string(text), "<failure") {
		t.Errorf("the report has no failure: %v", err)
	}
}

func decode(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// scriptPrograms puts the programs of TestMain into a directory for PATH.
func scriptPrograms(t *testing.T, names ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range names {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := strings.Cut(l.Addr().String(), ":")
	return port
}

// shellBlocks returns the lines of the sh code blocks of a document.
func shellBlocks(t *testing.T, path string) (commands []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		commands = append(commands, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	return commands
}
