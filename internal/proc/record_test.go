//go:build linux

package proc

import (
	"bufio"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

var record = flag.Bool("record", false, "record the trees in testdata anew (needs root and python3)")

// A recorded tree is a txtar archive of files below /proc. A name that ends
// in @ is a symbolic link, with its target for content; one that ends in % is
// a file with its content quoted as in Go, for what has no newline at its end.

// recorded unpacks a recorded tree and returns it, and the pids in it.
func recorded(t *testing.T, name string) (FS, []int) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, file := range archive.Files {
		path := filepath.Join(root, strings.TrimRight(file.Name, "@%"))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		content := strings.TrimSuffix(string(file.Data), "\n")
		switch file.Name[len(file.Name)-1] {
		case '@':
			err = os.Symlink(content, path)
		case '%':
			var text string
			if text, err = strconv.Unquote(content); err == nil {
				err = os.WriteFile(path, []byte(text), 0o644)
			}
		default:
			err = os.WriteFile(path, file.Data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	fs, err := New(root)
	if err != nil {
		t.Fatal(err)
	}
	pids, err := fs.PIDs()
	if err != nil {
		t.Fatal(err)
	}
	return fs, pids
}

func TestRecord(t *testing.T) {
	if !*record {
		return // a tool, not a test
	}
	attr := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}
	cmd := exec.Command("python3", "testdata/states.py")
	cmd.SysProcAttr = attr
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	testkit.Must(err)
	stdout, err := cmd.StdoutPipe()
	testkit.Must(err)
	testkit.Must(cmd.Start())
	defer func() { stdin.Close(); _ = cmd.Wait() }()
	_, err = bufio.NewReader(stdout).ReadString('\n')
	testkit.Must(err)
	recordTree("python", "testdata/states.py", cmd.Process.Pid)

	var child leaderless
	pid := testkit.Spawn(t, &child, attr, "dead-leader").PID
	testkit.Eventually(t, "the leader has ended", func() bool {
		stat, err := live(t).Stat(pid)
		return err == nil && stat.State == 'Z'
	})
	recordTree("go", "the dead-leader child", pid)
}

// recordTree writes what /proc says of a process to testdata.
func recordTree(name, source string, pid int) {
	archive := &txtar.Archive{Comment: []byte("Recorded by TestRecord from " + source + ".\n")}
	for _, file := range recordedNames(strconv.Itoa(pid)) {
		if recorded, ok := recordFile(file); ok {
			archive.Files = append(archive.Files, recorded)
		}
	}
	testkit.Must(os.WriteFile("testdata/"+name+".txtar", txtar.Format(archive), 0o644))
}

// recordedNames returns the files to record, relative to /proc.
func recordedNames(pid string) []string {
	thread := []string{
		"cmdline", "limits", "exe", "ns/net", "fd/*", "fdinfo/*", "net/dev", "net/tcp*", "net/udp*", "net/raw*",
		"net/icmp*", "net/unix", "net/netlink", "net/packet",
	}
	names := []string{"stat"}
	find := func(patterns ...string) {
		for _, pattern := range patterns {
			paths, err := filepath.Glob("/proc/" + pid + "/" + pattern)
			testkit.Must(err)
			for _, path := range paths {
				names = append(names, strings.TrimPrefix(path, "/proc/"))
			}
		}
	}
	find("stat", "status", "cgroup", "task/*/syscall")
	find(thread...)
	if fds, _ := filepath.Glob("/proc/" + pid + "/fd/*"); len(fds) > 0 {
		return names
	}
	tids, err := readPIDs("/proc/" + pid + "/task") // the leader has ended: one thread will do
	testkit.Must(err)
	for _, pattern := range thread {
		find("task/" + strconv.Itoa(tids[1]) + "/" + pattern)
	}
	return names
}

// recordFile reads one file. What a thread leader that has ended no longer has
// is left out.
func recordFile(name string) (file txtar.File, ok bool) {
	path := "/proc/" + name
	info, err := os.Lstat(path)
	testkit.Must(err)
	if info.Mode()&os.ModeSymlink != 0 {
		target, err := os.Readlink(path)
		return txtar.File{Name: name + "@", Data: []byte(target + "\n")}, err == nil
	}
	f, err := os.Open(path)
	testkit.Must(err)
	defer f.Close()
	data, err := io.ReadAll(f)
	testkit.Must(err)
	if len(data) > 0 && data[len(data)-1] != '\n' {
		return txtar.File{Name: name + "%", Data: []byte(strconv.Quote(string(data)) + "\n")}, true
	}
	return txtar.File{Name: name, Data: data}, true
}
