package waiters

import (
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

func TestPythonObjects(t *testing.T) {
	source, err := filepath.Abs("../../testdata/lines/python/objects.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, python := range interpreters() {
		t.Run(filepath.Base(python), func(t *testing.T) {
			cmd := exec.Command(python, source)
			if _, err := cmd.StdinPipe(); err != nil {
				t.Fatal(err)
			}
			p := run(t, source, cmd)
			fs, err := proc.New("/proc")
			if err != nil {
				t.Fatal(err)
			}
			process := socket.Process{ID: socket.ProcessID{PID: p.pid}, Runtime: socket.Python}
			target := Target{Root: "/proc", Process: &process}
			fds := map[uint64]int32{}
			if _, err := fs.SocketFDs(p.pid, func(fd int32, inode uint64) {
				fds[inode] = fd
				target.Sockets = append(target.Sockets, Descriptor{FD: fd, Family: socket.IPv4, Type: socket.Stream})
			}); err != nil {
				t.Fatal(err)
			}
			found, err := Look(target)
			if err != nil {
				t.Fatal(err)
			}
			for role, want := range map[string]socket.Object{
				"closed":    {Type: "socket", Closed: true, Files: 2},
				"file":      {Type: "socket", Files: 1},
				"open":      {Type: "socket", References: 3},
				"ssl":       {Type: "SSLSocket"},
				"derived":   {Type: "Session"},
				"registry":  {Type: "socket", References: 1},
				"deque":     {Type: "socket", References: 1},
				"lost":      {Type: "socket", References: 1},
				"sleeping":  {Type: "socket"},
				"generator": {Type: "socket", References: 1},
			} {
				got, ok := found.Objects[fds[p.inodes[role][0]]]
				want.Process = process.ID
				if got.References < 1 {
					t.Errorf("%s: nobody refers to it", role)
				}
				if want.References == 0 {
					want.References = got.References
				}
				checkHeld(t, role, got)
				got.Held, got.Ended = nil, false
				if !ok || !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %+v, %v; want %+v", role, got, ok, want)
				}
			}
			if o, ok := found.Objects[fds[p.inodes["detached"][0]]]; ok {
				t.Errorf("a descriptor without an object has %+v", o)
			}
		})
	}
}

// checkHeld compares who refers to the socket with what the program does.
func checkHeld(t *testing.T, role string, o socket.Object) {
	t.Helper()
	want := map[string][]string{
		"closed":    {"closed in objects.py", "files in objects.py > _io.BufferedWriter > SocketIO._sock", "files in objects.py > _io.TextIOWrapper > _io.BufferedReader > SocketIO._sock"},
		"file":      {"kept in objects.py", "stream in objects.py > _io.BufferedReader > SocketIO._sock"},
		"open":      {"plain in objects.py", "again in objects.py", "again in objects.py"},
		"ssl":       {"secure in objects.py"},
		"derived":   {"derived in objects.py"},
		"registry":  {"registry.seen in objects.py"},
		"deque":     {"queue in objects.py > Entry"},
		"lost":      {"failures in objects.py > ValueError > traceback > lost in fail objects.py:33"},
		"sleeping":  {"sleeping in sleep_with objects.py:39"},
		"generator": {"suspended in objects.py > pending in generate objects.py:45"},
	}[role]
	got := o.Held
	if role == "sleeping" && len(got) > 1 {
		got = got[:1] // threading has it too
	}
	if !slices.Equal(got, want) || o.Ended != (role == "lost") {
		t.Errorf("%s: referred to by %q, ended %v; want %q", role, o.Held, o.Ended, want)
	}
}
