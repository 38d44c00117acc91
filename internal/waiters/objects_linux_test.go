package waiters

import (
	"os/exec"
	"path/filepath"
	"reflect"
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
				"closed":  {Type: "socket", Closed: true, Files: 2},
				"file":    {Type: "socket", Files: 1},
				"open":    {Type: "socket", References: 3},
				"ssl":     {Type: "SSLSocket"},
				"derived": {Type: "Session"},
			} {
				got, ok := found.Objects[fds[p.inodes[role][0]]]
				want.Process = process.ID
				if got.References < 1 {
					t.Errorf("%s: nobody refers to it", role)
				}
				if want.References == 0 {
					want.References = got.References
				}
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
