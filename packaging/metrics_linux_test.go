package packaging

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestMetricsUnderDynamicUser does what systemd would: a user that nobody
// knows, with the collector's group beside its own, writes into a directory of
// that group, again and again under another user, and the group can read it.
func TestMetricsUnderDynamicUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to become another user")
	}
	const collectors = 61999 // the group that node_exporter runs as
	work := t.TempDir()
	bin := filepath.Join(work, "sockleak")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/sockleak").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	metrics := filepath.Join(work, "node-exporter")
	reachable(t, work)
	if err := errors.Join(os.Mkdir(metrics, 0o755), os.Chown(metrics, 0, collectors), os.Chmod(metrics, os.ModeSetgid|0o775)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(metrics, "sockleak.prom")
	before := before(t, metrics)
	for user := range uint32(2) {
		user += 61184 // the range of DynamicUser (systemd.exec(5))
		state := filepath.Join(work, "state"+strconv.Itoa(int(user)))
		if err := errors.Join(os.Mkdir(state, 0o750), os.Chown(state, int(user), int(user))); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-c", `umask 0027; `+before+` || exit; exec "$@"`, "sh", bin, "record", "--dir", state, "-o", "prometheus="+file)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user, Groups: []uint32{collectors}}}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("user %d: %v\n%s", user, err, out)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if st := info.Sys().(*syscall.Stat_t); st.Gid != collectors || info.Mode().Perm() != 0o640 || info.Size() == 0 {
			t.Errorf("user %d wrote a file of group %d, %v, %d bytes", user, st.Gid, info.Mode(), info.Size())
		}
		if list, _ := filepath.Glob(filepath.Join(state, "sockleak-*.json")); len(list) != 1 {
			t.Errorf("user %d stored %d reports", user, len(list))
		}
	}
}

// before is what the drop-in runs first, for another directory.
func before(t *testing.T, metrics string) string {
	t.Helper()
	raw, err := os.ReadFile("systemd/node-exporter.conf")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(raw), "\nExecStartPre=-")
	line, _, _ := strings.Cut(rest, "\n")
	if !ok {
		t.Fatal("the drop-in does not remove another user's file")
	}
	return strings.Replace(line, filepath.Dir(metricsFile(t, string(raw))), metrics, 1)
}

// reachable lets every user come as far as the directory.
func reachable(t *testing.T, dir string) {
	t.Helper()
	for ; dir != os.TempDir() && len(dir) > 1; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
