package packaging

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMetricsUnderDynamicUser does what the drop-in says and what systemd would:
// a user that nobody knows, with the collector's group beside its own, writes
// into a directory of that group, again and again under another user; and the
// real node_exporter, as its own user, shows what was written.
func TestMetricsUnderDynamicUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to become another user")
	}
	exporter, err := exec.LookPath("prometheus-node-exporter")
	if err != nil {
		t.Skip("needs node_exporter (Debian's package prometheus-node-exporter)")
	}
	uid, collectors := prometheus(t)
	work := t.TempDir()
	bin := filepath.Join(work, "sockleak")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/sockleak").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	metrics := filepath.Join(work, "node-exporter")
	reachable(t, work)
	if out, err := exec.Command("sh", "-c", preparation(t, metrics)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(metrics, "sockleak.prom")
	before := before(t, metrics)
	for who := range uint32(2) {
		who += 61184 // the range of DynamicUser (systemd.exec(5))
		state := filepath.Join(work, "state"+strconv.Itoa(int(who)))
		if err := errors.Join(os.Mkdir(state, 0o750), os.Chown(state, int(who), int(who))); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-c", `umask 0027; `+before+` || exit; exec "$@"`, "sh", bin, "record", "--dir", state, "-o", "prometheus="+file)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: who, Gid: who, Groups: []uint32{uint32(collectors)}}}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("user %d: %v\n%s", who, err, out)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if st := info.Sys().(*syscall.Stat_t); st.Gid != uint32(collectors) || info.Mode().Perm() != 0o640 || info.Size() == 0 {
			t.Errorf("user %d wrote a file of group %d, %v, %d bytes", who, st.Gid, info.Mode(), info.Size())
		}
		if list, _ := filepath.Glob(filepath.Join(state, "sockleak-*.json")); len(list) != 1 {
			t.Errorf("user %d stored %d reports", who, len(list))
		}
	}
	text := scrape(t, exporter, metrics, uid, collectors)
	for _, want := range []string{"\nnode_textfile_scrape_error 0\n", "\nsockleak_verdict{"} {
		if !strings.Contains(text, want) {
			t.Errorf("node_exporter does not say %q, but\n%s", want, text)
		}
	}
}

// scrape asks node_exporter, run as its user, for the metrics of a directory.
func scrape(t *testing.T, exporter, dir string, uid, gid int) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	ln.Close()
	cmd := exec.Command(exporter, "--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory="+dir, "--web.listen-address="+address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get("http://" + address + "/metrics")
		if err != nil && time.Now().Before(deadline) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// prometheus returns the user and the group that Debian's node_exporter runs as.
func prometheus(t *testing.T) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup("prometheus")
	if err != nil {
		t.Fatal(err)
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		t.Fatal(err)
	}
	return uid, gid
}

// preparation is what the drop-in has the administrator do once, for another
// directory.
func preparation(t *testing.T, metrics string) string {
	t.Helper()
	return line(t, "#   install -d ", "install -d ", metrics)
}

// before is what the drop-in runs first, for another directory.
func before(t *testing.T, metrics string) string {
	t.Helper()
	return line(t, "ExecStartPre=-", "", metrics)
}

// line returns the line of the drop-in that begins so, with another beginning
// and for another directory.
func line(t *testing.T, begins, instead, metrics string) string {
	t.Helper()
	raw, err := os.ReadFile("systemd/node-exporter.conf")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(raw), "\n"+begins)
	rest, _, _ = strings.Cut(rest, "\n")
	if !ok {
		t.Fatalf("the drop-in has no line %q", begins)
	}
	return instead + strings.Replace(rest, filepath.Dir(metricsFile(t, string(raw))), metrics, 1)
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
