package scan

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// Who waits for a UNIX listener is told one by one, keeps its identity from look
// to look, and can be asked for; /proc alone does not even know how many wait.
func TestUnixQueues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queue")
	l := open(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	defer unix.Close(l)
	testkit.Must(unix.Bind(l, &unix.SockaddrUnix{Name: path}))
	testkit.Must(unix.Listen(l, 7))
	clients := map[uint64]int32{}
	for range 3 {
		fd := open(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		defer unix.Close(fd)
		testkit.Must(unix.Connect(fd, &unix.SockaddrUnix{Name: path}))
		inode, _ := ids(fd)
		clients[inode] = int32(fd)
	}
	for _, source := range []string{"bpf", "sockdiag", "procfs"} {
		t.Run(source, func(t *testing.T) {
			s := scanner(t, source, false)
			seen := map[socket.ID]int{}
			var snap *socket.Snapshot
			var waiting []*socket.Socket
			for range 2 {
				snap = lookAt(t, s, os.Getpid())
				waiting = nil
				for _, w := range snap.Sockets {
					if w.Listener != 0 && w.Family == socket.Unix {
						waiting = append(waiting, w)
						seen[w.ID()]++
					}
				}
			}
			found := byFD(t, snap, os.Getpid())
			listener := found[int32(l)]
			if source == "procfs" {
				if listener.Has(socket.HasQueues) || len(waiting) > 0 {
					t.Errorf("queue of %d, known: %v; %d waiting", listener.RecvQ, listener.Has(socket.HasQueues), len(waiting))
				}
				return
			}
			if !listener.Has(socket.HasQueues) || listener.RecvQ != 3 || listener.SendQ != 7 || len(waiting) != 3 || len(seen) != 3 {
				t.Fatalf("queue %d of %d, %d waiting, %d in two looks; want 3 of 7, 3 and 3", listener.RecvQ, listener.SendQ, len(waiting), len(seen))
			}
			for _, w := range waiting {
				fd, ok := clients[w.UnixInfo.PeerInode]
				if !ok || w.Listener != listener.Inode || w.UnixInfo.Path != path || w.NetNS != listener.NetNS || w.Inode != 0 {
					t.Errorf("waiting: %+v with %+v", w, w.UnixInfo)
				}
				if client := found[fd]; client.ID() == w.ID() || client.UnixInfo.PeerGone {
					t.Errorf("client %+v with %+v", client, client.UnixInfo)
				}
			}
			ask := &socket.Questions{Peers: waiting, PeerHolders: waiting}
			if err := s.Detail(t.Context(), snap, ask); err != nil {
				t.Fatal(err)
			}
			for _, w := range waiting {
				if !w.Peer.Held() || len(w.Peer.Holders) != 1 || w.Peer.Holders[0].Process.PID != os.Getpid() {
					t.Errorf("the client is %+v", w.Peer)
				}
			}
		})
	}
}
