package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The tests below need another process: one that is killed, has a full disk,
// or is another user. That is this test binary, started with childEnv.
const childEnv = "SOCKLEAK_ARCHIVE_CHILD"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "write for ever":
		err = writeForEver(os.Args[1])
	case "fill the disk":
		err = fillTheDisk(os.Args[1])
	case "read-only":
		err = readOnly(os.Args[1])
	case "write one":
		err = writeOne(os.Args[1])
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func child(t *testing.T, what, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, dir)
	cmd.Env = append(os.Environ(), childEnv+"="+what)
	return cmd
}

func writeOne(dir string) error {
	d, err := Open(dir)
	if err != nil {
		return err
	}
	w, err := d.Lock("h", os.Getpid(), noon)
	if err != nil {
		return err
	}
	_, err = w.Write(document("h", noon, 5))
	return err
}

func writeForEver(dir string) error {
	d, err := Open(dir)
	if err != nil {
		return err
	}
	w, err := d.Lock("h", os.Getpid(), noon)
	if err != nil {
		return err
	}
	for {
		if _, err := w.Write(document("h", time.Now(), MaxSockets)); err != nil {
			return err
		}
		fmt.Println("written")
	}
}

func TestKillDuringWrite(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	whole, leftovers := 0, 0
	for round := range 12 {
		cmd := child(t, "write for ever", path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line := bufio.NewScanner(out)
		if !line.Scan() {
			t.Fatal("the child wrote nothing")
		}
		time.Sleep(time.Duration(round) * 300 * time.Microsecond) // somewhere in the next write
		cmd.Process.Kill()
		for line.Scan() {
		}
		cmd.Wait()
		names, _, err := d.Names("", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names[whole:] {
			if _, err := d.Read(n); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		if len(names) <= whole {
			t.Errorf("round %d: a report that was announced is lost", round)
		}
		whole = len(names)
		if to, err := os.Readlink(filepath.Join(path, "latest.json")); err != nil || !readable(d, to) {
			t.Errorf("round %d: latest.json: %q, %v", round, to, err)
		}
		left, _ := filepath.Glob(filepath.Join(path, ".sockleak-h-*.tmp"))
		leftovers += len(left)
		w := lock(t, d, "h") // the lock died with its holder; leftovers go
		w.Unlock()
		if left, _ := filepath.Glob(filepath.Join(path, ".sockleak-h-*.tmp")); len(left) != 0 {
			t.Errorf("round %d: left behind: %v", round, left)
		}
	}
	t.Logf("%d reports, %d leftovers of 12 kills", whole, leftovers)
}

func readable(d *Dir, file string) bool {
	n, ok := ParseName(file)
	_, err := d.Read(n)
	return ok && err == nil
}

// inMountNamespace gives the child mounts of its own. Without root it also
// needs a user namespace.
func inMountNamespace(cmd *exec.Cmd) {
	attr := &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	cmd.SysProcAttr = attr
}

// fillTheDisk writes until the file system (128 KiB) is full.
func fillTheDisk(dir string) error {
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		return err
	}
	d, err := Open(dir)
	if err != nil {
		return err
	}
	w, err := d.Lock("h", os.Getpid(), noon)
	if err != nil {
		return err
	}
	written := 0
	for i := range 100 {
		if _, err = w.Write(document("h", noon.Add(time.Duration(i)*time.Minute), 100)); err != nil {
			break
		}
		written++
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("want ENOSPC, got: %w", err)
	}
	fmt.Println("message:", err)
	if left, _ := filepath.Glob(dir + "/.sockleak-h-*.tmp"); len(left) > 0 {
		return fmt.Errorf("left behind: %v", left)
	}
	names, _, err := d.Names("", time.Time{})
	if err != nil || len(names) != written || written == 0 {
		return fmt.Errorf("%d names for %d written reports: %w", len(names), written, err)
	}
	for _, n := range names {
		if _, err := d.Read(n); err != nil {
			return err
		}
	}
	// Retention makes room without needing any.
	done, err := w.Prune(Retention{Count: 1}, noon)
	if err != nil || done.Deleted != written-1 {
		return fmt.Errorf("pruned %+v: %w", done, err)
	}
	if _, err := w.Write(document("h", noon.Add(time.Hour*24), 100)); err != nil {
		return fmt.Errorf("after pruning: %w", err)
	}
	fmt.Println("ok", written)
	return nil
}

func readOnly(dir string) error {
	if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_RDONLY, "size=64k"); err != nil {
		return err
	}
	err := writeOne(dir)
	if !errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("want EROFS, got: %w", err)
	}
	fmt.Println("message:", err)
	return nil
}

func TestDiskFullAndReadOnly(t *testing.T) {
	for what, message := range map[string]string{
		"fill the disk": "message: disk full: nothing written to ",
		"read-only":     "is on a read-only file system: choose another --dir",
	} {
		cmd := child(t, what, t.TempDir())
		inMountNamespace(cmd)
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.EPERM) {
			t.Skip("needs root, or user namespaces that are allowed to everyone")
		}
		if err != nil || !strings.Contains(string(out), message) {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
	}
}

func TestDirectoryOfSomebodyElse(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to become another user")
	}
	const nobody = 65534
	top, err := os.MkdirTemp("/tmp", "sockleak-archive") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	self := filepath.Join(top, "child") // the test binary may be out of reach as well
	copyFile(t, self)
	for _, c := range []struct {
		mode fs.FileMode
		want string
	}{
		{0o755, "permission denied writing to"},
		{0o700, "permission denied opening directory"},
	} {
		dir := filepath.Join(top, strconv.FormatUint(uint64(c.mode), 8))
		if err := errors.Join(os.Mkdir(dir, c.mode), os.Chmod(dir, c.mode), os.Chmod(top, 0o755)); err != nil {
			t.Fatal(err)
		}
		cmd := child(t, "write one", dir)
		cmd.Path = self
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) || !strings.Contains(string(out), "it belongs to uid 0") ||
			strings.Count(string(out), "\n") != 1 {
			t.Errorf("mode %o: %v\n%s", c.mode, err, out)
		}
	}
}

func copyFile(t *testing.T, to string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(self)
	if err == nil {
		err = os.WriteFile(to, raw, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A power cut keeps what was synced. The order of the system calls says
// whether a name can reach the disk before the content does.
func TestSyncOrder(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("needs strace (Debian's package of that name) to see the order of the system calls")
	}
	cmd := child(t, "write one", t.TempDir())
	cmd.Args = append([]string{"strace", "-f", "-qq", "-y", "-e", "trace=fsync,renameat,renameat2", "-o", "/dev/stdout", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = strace
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var calls []string
	for line := range strings.Lines(string(out)) {
		switch {
		case strings.Contains(line, "resumed"):
		case strings.Contains(line, "fsync(") && strings.Contains(line, ".tmp"):
			calls = append(calls, "sync file")
		case strings.Contains(line, "fsync("):
			calls = append(calls, "sync directory")
		case strings.Contains(line, "rename"):
			calls = append(calls, "rename")
		}
	}
	got := strings.Join(calls, ", ")
	want := "sync file, rename, sync directory, rename, sync directory, rename, sync directory"
	if got != want {
		t.Errorf("order: %s\nwant:  %s\n%s", got, want, out)
	}
}
