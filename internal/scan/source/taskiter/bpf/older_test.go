//go:build linux

package bpf

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// openWithout loads the program that a kernel without some functions, structs
// and members gets.
func openWithout(t *testing.T, absent ...symbol) *Program {
	t.Helper()
	open(t, Options{})
	p := &Program{fd: -1, links: make(map[int]int), states: socket.AllStates}
	must(t, p.setTick())
	must(t, withKernelBTF(func(data []byte) error {
		kernel, err := parseBTF(data, symbols())
		must(t, err)
		for _, s := range absent {
			delete(kernel.ids, s)
		}
		return p.load(kernel)
	}))
	t.Cleanup(func() { p.Close() })
	return p
}

// needMPTCP skips where there are no MPTCP sockets.
func needMPTCP(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Skipf("needs MPTCP sockets (CONFIG_MPTCP, sysctl net.mptcp.enabled): %v", err)
	}
	unix.Close(fd)
}

// TestOlderKernels loads what kernels back to 5.12 would, and checks that they
// claim nothing that they cannot see.
func TestOlderKernels(t *testing.T) {
	cast, memory, helpers := symbol{kindFunc, "bpf_rdonly_cast"}, symbol{kindEnum, memoryCasts}, symbol{kindEnum, "bpf_func_id"}
	for _, tc := range []struct {
		name               string
		absent             []symbol
		missing            string
		queue, unix, mptcp bool // what can still be told
	}{
		{"6.17", nil, "", true, true, true},
		{"6.2", []symbol{memory}, "", true, true, true},
		{"6.1", []symbol{cast, memory}, "", true, true, true},
		{"5.12", []symbol{cast, memory, helpers}, "to be accepted (needs", false, true, true},
		{"no CONFIG_MPTCP", []symbol{{kindStruct, "mptcp_sock"}}, "", true, true, false},
		{"unix as a module", []symbol{{kindStruct, "unix_sock"}}, "unix_sock (not built", true, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := openWithout(t, tc.absent...)
			if p.refused != nil {
				t.Error(p.refused)
			}
			if missing := strings.Join(p.Missing(), "\n"); !strings.Contains(missing, tc.missing) {
				t.Errorf("missing %q", missing)
			}
			client, _ := pair(t)
			if s := find(t, p, client); s.State != socket.Established || !s.Has(socket.HasAddrs|socket.HasQueues|socket.HasTCPInfo|socket.HasTimer) {
				t.Errorf("TCP: %+v", s.Socket)
			}
			l, addr := listen(t, unix.IPPROTO_TCP, 1)
			must(t, unix.Connect(stream(t), addr))
			if got := len(waiting(t, p, l)) == 1; got != tc.queue {
				t.Errorf("accept queue seen: %v", got)
			}
			for _, other := range []struct {
				fd   int
				want bool
			}{
				{own(t, unix.AF_UNIX, unix.SOCK_STREAM, 0), tc.unix},
				{own(t, unix.AF_INET, unix.SOCK_DGRAM, 0), true},
				{own(t, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP), tc.mptcp && p.lost.mptcp == 0},
			} {
				s := find(t, p, other.fd)
				if !s.Has(socket.HasState|socket.HasShared|socket.HasWatched|socket.HasErr|socket.HasEpolls) || s.Has(socket.HasQueues) != other.want {
					t.Errorf("facts %b: %+v", s.Facts, s.Socket)
				}
			}
		})
	}
}

// TestMPTCPListenerNeedsNoCounters: Linux 6.5 and 6.11 brought what tells the
// receive queue of a connection; the accept queue was known before.
func TestMPTCPListenerNeedsNoCounters(t *testing.T) {
	needMPTCP(t)
	p := open(t, Options{})
	p.lost.mptcp |= socket.HasQueues
	l, _ := listen(t, unix.IPPROTO_MPTCP, 7)
	if s := find(t, p, l); !s.Has(socket.HasQueues) || s.SendQ != 7 {
		t.Errorf("listener: facts %b, %d of %d", s.Facts, s.RecvQ, s.SendQ)
	}
	fresh := own(t, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
	if s := find(t, p, fresh); s.Has(socket.HasQueues) {
		t.Errorf("connection: facts %b that cannot be known", s.Facts)
	}
}

// TestFieldGone takes a member away, as a later kernel may: it is said to be
// missing, and a fact that needs it is not claimed.
func TestFieldGone(t *testing.T) {
	open(t, Options{})
	must(t, withKernelBTF(func(data []byte) error {
		for _, m := range []image{castImage(), probeImage()} {
			for _, r := range m.relocations {
				if r.kind == fieldOffset {
					fieldGone(t, m, data, r)
				}
			}
		}
		return nil
	}))
}

func fieldGone(t *testing.T, m image, data []byte, r relocation) {
	t.Helper()
	kernel, err := parseBTF(data, symbols())
	must(t, err)
	whole, less := Program{states: socket.AllStates}, Program{states: socket.AllStates}
	whole.fit(m, kernel)
	if _, has := kernel.find(r.of, r.path); !has {
		return
	}
	places := placesOf(r.name())
	elsewhere := slices.ContainsFunc(places, func(place string) bool {
		of, path, _ := strings.Cut(place, ".")
		_, has := kernel.find(of, path)
		return has && place != r.name()
	})
	want := slices.Clone(whole.missing)
	if !elsewhere && !strings.Contains(r.path, "skc_v6_") { // the kernel may have been built without IPv6
		want = append(want, strings.Join(places, " or "))
	}
	kernel.places[asked{r.of, r.path}] = place{offset: nowhere}
	less.fit(m, kernel)
	slices.Sort(want)
	slices.Sort(less.missing)
	if !slices.Equal(less.missing, want) || (less.needs != "") != needed(r.name()) {
		t.Errorf("without %s missing: %q, needs %q", r.name(), less.missing, less.needs)
	}
}
