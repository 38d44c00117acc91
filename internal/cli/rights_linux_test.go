package cli_test

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// nobody is a user without rights, overflowuid of the kernel.
const nobody = 65534

// TestFilesAreTheCallersOwn runs a copy of the program whose file has
// capabilities as another user: it may look at root's sockets, and neither
// reads nor writes root's files on behalf of its caller.
func TestFilesAreTheCallersOwn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to give a file capabilities")
	}
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "sockleak")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command(t, "cp", self, program)
	giveCapabilities(t, program, unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH, unix.CAP_DAC_OVERRIDE)
	private := filepath.Join(dir, "private")
	shared := filepath.Join(dir, "shared")
	for path, mode := range map[string]os.FileMode{private: 0o700, shared: 0o777} {
		if err := os.Mkdir(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(shared, "secret.yaml")
	for path, mode := range map[string]os.FileMode{
		secret: 0o600, filepath.Join(private, "x.yaml"): 0o644,
		filepath.Join(shared, "root.json"): 0o644,
	} {
		if err := os.WriteFile(path, []byte("hunter2: is: root's\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	for path := dir; path != "/"; path = filepath.Dir(path) { // others have to get there
		if info, err := os.Stat(path); err == nil && info.Mode()&0o001 == 0 {
			if err := os.Chmod(path, info.Mode().Perm()|0o011); err != nil {
				t.Fatal(err)
			}
		}
	}
	archive := filepath.Join(dir, "archive")
	if err := os.Mkdir(archive, 0o755); err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(os.Getpid())
	command(t, self, "record", pid, "--dir", archive) // its reports are 0640
	asNobody := func(args ...string) (string, int) {
		cmd := exec.Command(program, args...)
		cmd.Args[0] = "sockleak"
		cmd.Dir = shared
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	// It does have rights of its own: root's sockets.
	if out, code := asNobody("scan", pid, "--source", "sockdiag"); code == 4 || strings.Contains(out, "could not be read") {
		t.Fatalf("the copy cannot look at this process, exit code %d:\n%s", code, out)
	}
	for _, args := range [][]string{
		{"scan", pid, "--config", secret},
		{"scan", pid, "--config", filepath.Join(private, "x.yaml")},
		{"serve", "--listen", "127.0.0.1:0", "--config", secret},
		{"check", "--for", "1ms", "--baseline", secret, pid},
		{"check", "--baseline", secret, "--", "true"},
		{"check", "--for", "1ms", "--write-baseline", "--baseline", secret, pid},
		{"scan", pid, "-o", "json=" + secret},
		{"scan", pid, "-o", "json=" + filepath.Join(private, "new.json")},
		{"scan", pid, "-o", "json=" + filepath.Join(shared, "root.json")},
		{"record", pid, "--dir", private},
		{"record", pid, "--dir", archive},
		{"trend", "--dir", private},
		{"doctor", "-o", "json=" + secret},
	} {
		out, code := asNobody(args...)
		if code == 0 || !strings.Contains(out, "permission denied") || strings.Contains(out, "hunter2") {
			t.Errorf("%q: exit code %d, and says\n%s", args, code, out)
		}
	}
	if out, _ := asNobody("trend", "--dir", archive, "-o", "json"); strings.Contains(out, `"findings":[{`) || !strings.Contains(out, "unreadable") {
		t.Errorf("trend reads reports that its caller may not read:\n%s", out)
	}
	for _, path := range []string{secret, filepath.Join(shared, "root.json")} {
		if raw, err := os.ReadFile(path); err != nil || string(raw) != "hunter2: is: root's\n" {
			t.Errorf("%s: %q, %v", path, raw, err)
		}
	}
	tool := filepath.Join(private, "tool")
	if err := os.WriteFile(tool, []byte("#!/bin/sh\necho hunter2\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, code := asNobody("check", "--", tool); code != 126 && code != 127 || strings.Contains(out, "hunter2") {
		t.Errorf("ran a program out of reach, exit code %d:\n%s", code, out)
	}
	if out, code := asNobody("check", "--", "sh", "-c", "sh -c 'sleep 2; grep ^CapEff /proc/self/status' & wait"); code != 0 || !strings.Contains(out, "0000000000000000") {
		t.Errorf("a command of the caller's, exit code %d:\n%s", code, out)
	}
	mine := filepath.Join(shared, "mine.json")
	if out, code := asNobody("scan", pid, "--source", "sockdiag", "--fail-on", "never", "-o", "json="+mine); code != 0 {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if info, err := os.Stat(mine); err != nil || info.Sys().(*syscall.Stat_t).Uid != nobody {
		t.Errorf("%v, %v", info, err)
	}
}

// TestSetuidIsRefused: as another user than its caller it would run commands
// and write files.
func TestSetuidIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to run as another user")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "sockleak")
	command(t, "cp", self, program)
	skipNosuid(t, program)
	command(t, "chmod", "4755", program)
	command(t, "chmod", "755", dir, filepath.Dir(dir))
	cmd := exec.Command(program, "scan")
	cmd.Args[0] = "sockleak"
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "must not be set-user-ID or set-group-ID") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("%v\n%s", cmd.ProcessState, out)
	}
}

// giveCapabilities does what setcap(8) does, which may not be installed: it
// writes a struct vfs_cap_data of revision 2 (linux/capability.h).
func giveCapabilities(t *testing.T, path string, bits ...uint) {
	t.Helper()
	const revision2, effective = 0x02000000, 1
	var permitted uint32
	for _, bit := range bits {
		permitted |= 1 << bit
	}
	var data []byte
	for _, word := range []uint32{revision2 | effective, permitted, 0, 0, 0} {
		data = binary.LittleEndian.AppendUint32(data, word)
	}
	if err := unix.Setxattr(path, "security.capability", data, 0); err != nil {
		t.Skipf("files cannot have capabilities here: %v", err)
	}
	skipNosuid(t, path)
}

// skipNosuid skips the test where files give no rights (mount(8), nosuid).
func skipNosuid(t *testing.T, path string) {
	t.Helper()
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err == nil && fs.Flags&unix.ST_NOSUID != 0 {
		t.Skip("the directory for temporary files is mounted nosuid: there a file gives no rights")
	}
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	if name == os.Args[0] || strings.HasSuffix(name, ".test") {
		cmd.Args[0] = "sockleak"
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}
