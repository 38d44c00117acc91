//go:build linux

package bpf

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// openWithout loads the program that a kernel without some functions and
// structs gets.
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

// shows reports whether this kernel has the program read such structs.
func shows(p *Program, o object) bool {
	return !slices.ContainsFunc(p.Missing(), func(what string) bool { return strings.HasPrefix(what, o.String()+" (") })
}

// needMPTCP skips where MPTCP sockets are not looked into.
func needMPTCP(t *testing.T, p *Program) {
	t.Helper()
	if !shows(p, mptcpSock) {
		t.Skip("needs Linux 6.2 (bpf_rdonly_cast) to look into MPTCP sockets")
	}
}

// TestOlderKernels loads what kernels back to 5.12 would, and checks that they
// claim nothing that they cannot see.
func TestOlderKernels(t *testing.T) {
	cast, loop := symbol{kindFunc, "bpf_rdonly_cast"}, symbol{kindFunc, "bpf_loop"}
	memory := symbol{kindEnum, "bpf_features"}
	toUnix := symbol{kindFunc, "bpf_skc_to_unix_sock"}
	for _, tc := range []struct {
		name                    string
		absent                  []symbol
		missing                 string
		queue, unix, udp, mptcp bool // what can still be told
	}{
		{"6.17", nil, "", true, true, true, true},
		{"6.2", []symbol{memory}, "", true, true, true, true},
		{"6.1", []symbol{cast}, "mptcp_sock (needs", true, true, false, false},
		{"5.16", []symbol{cast, loop}, "to be accepted (needs", false, true, false, false},
		{"5.12", []symbol{cast, loop, toUnix}, "unix_sock (needs", false, false, false, false},
		{"no CONFIG_MPTCP", []symbol{{kindStruct, "mptcp_sock"}}, "", true, true, true, false},
		{"unix as a module", []symbol{{kindStruct, "unix_sock"}}, "unix_sock (needs", true, false, true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := openWithout(t, tc.absent...)
			missing := strings.Join(p.Missing(), "\n")
			if !shows(p, udpSock) {
				tc.udp, tc.mptcp = false, false // this kernel is an older one itself
			}
			if !strings.Contains(missing, tc.missing) || strings.Contains(missing, "rejected") {
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
				{own(t, unix.AF_INET, unix.SOCK_DGRAM, 0), tc.udp},
				{own(t, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP), tc.mptcp},
			} {
				s := find(t, p, other.fd)
				if !s.Has(socket.HasState|socket.HasShared|socket.HasWatched) || s.Has(socket.HasQueues) != other.want {
					t.Errorf("facts %b: %+v", s.Facts, s.Socket)
				}
			}
		})
	}
}

// TestFieldGone takes a field away, as a later kernel may.
func TestFieldGone(t *testing.T) {
	have := open(t, Options{})
	must(t, withKernelBTF(func(data []byte) error {
		kernel, err := parseBTF(data, symbols())
		must(t, err)
		for i, f := range locate(kernel) {
			if f.alternate < 0 || !shows(have, f.from) {
				continue // it is not there to be taken away
			}
			b := builder{kernel: kernel, fields: locate(kernel), states: socket.AllStates, initialPidNS: true}
			b.fields[i].alternate = -1
			_, err := b.build()
			if (err != nil) != f.needed() {
				t.Errorf("without %v.%s: %v", f.from, f.paths[0], err)
			}
			if err == nil && (len(b.missing) != 1+len(have.missing) || b.lost[f.from.whole()] != f.facts|have.lost[f.from.whole()]) {
				t.Errorf("without %v.%s: missing %q, facts %b", f.from, f.paths[0], b.missing, b.lost[f.from.whole()])
			}
		}
		return nil
	}))
}
