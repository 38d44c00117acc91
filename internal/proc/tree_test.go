//go:build linux

package proc

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// Everything that the package reads of a recorded process, compared with a
// golden file that was checked against what the program had set up.
func TestRecordedTrees(t *testing.T) {
	for _, name := range []string{"python", "go"} {
		t.Run(name, func(t *testing.T) {
			fs, pids := recorded(t, name+".txtar")
			if len(pids) != 1 {
				t.Fatalf("pids %v; want one", pids)
			}
			got := report(t, fs, pids[0])
			golden := "testdata/" + name + ".golden"
			if *record {
				testkit.Must(os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func report(t *testing.T, fs FS, pid int) string {
	var out strings.Builder
	p, err := fs.Process(pid)
	if err != nil {
		t.Fatal(err)
	}
	p.Started = p.Started.UTC()
	fmt.Fprintf(&out, "process %+v\n", p)
	holders := map[uint64]int32{}
	total, err := fs.SocketFDs(pid, func(fd int32, inode uint64) { holders[inode] = fd })
	fmt.Fprintf(&out, "descriptors %d, sockets %d, %v\n", total, len(holders), err)
	var rows []string
	for _, read := range []func(int, func(*socket.Socket) error) error{
		fs.NetTCP, fs.NetUDP, fs.NetUDPLite, fs.NetICMP, fs.NetRaw, fs.NetUnix, fs.NetNetlink, fs.NetPacket,
	} {
		err := read(pid, func(s *socket.Socket) error {
			fd, held := holders[s.Inode]
			if !held {
				fd = -1
			}
			delete(holders, s.Inode)
			rows = append(rows, row(s, fd))
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	slices.Sort(rows)
	out.WriteString(strings.Join(rows, ""))
	fmt.Fprintf(&out, "sockets in no table: %d\n", len(holders))
	epolls, err := fs.Epolls(pid)
	fmt.Fprintf(&out, "epolls %+v, %v\n", epolls, err)
	threads, err := fs.BlockedThreads(pid)
	fmt.Fprintf(&out, "threads %+v, %v\n", threads, err)
	return out.String()
}

func row(s *socket.Socket, fd int32) string {
	line := fmt.Sprintf("%s %s %v fd %d inode %d", s.Proto(), s.Type, s.State, fd, s.Inode)
	if s.Has(socket.HasAddrs) {
		line += fmt.Sprintf(" %v %v", s.Local, s.Remote)
	}
	if s.Has(socket.HasQueues) {
		line += fmt.Sprintf(" queues %d/%d", s.RecvQ, s.SendQ)
	}
	if s.Has(socket.HasTimer) {
		line += fmt.Sprintf(" timer %v %v", s.Timer.Kind, s.Timer.Expires)
	}
	if s.UnixInfo != nil {
		line += fmt.Sprintf(" path %q", s.UnixInfo.Path)
	}
	return line + "\n"
}
