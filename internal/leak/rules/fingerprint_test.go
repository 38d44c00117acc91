package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// fingerprint is that of the first finding.
func fingerprint(t *testing.T, parts ...part) string {
	t.Helper()
	h := look(parts...)
	list := Judge(h, leak.Defaults())
	if len(list) == 0 {
		t.Fatal("no finding")
	}
	return list[0].Fingerprint(h.Now().Process(list[0].Process))
}

func TestFingerprint(t *testing.T) {
	leaking := []trait{in(socket.CloseWait), silent(time.Minute)}
	base := fingerprint(t, clients(3, leaking...))
	// As in internal/settings/testdata/landed/9968622.yaml: another one would let
	// every baseline and accepted finding count again.
	landed := fingerprint(t, accepted(3, leaking...), process(func(p *socket.Process) { p.Name = "python3" }))
	if landed != "3842441258f800f4" {
		t.Errorf("the fingerprint of a leak has become %s", landed)
	}
	restarted := func(snap *socket.Snapshot) {
		id := socket.ProcessID{PID: 4711, Start: 99}
		snap.Processes = snap.Processes[:1]
		snap.Processes[0].ID = id
		for _, s := range snap.Sockets {
			s.Holders[0].Process = id
		}
	}
	to := func(remote string) trait {
		return func(s *socket.Socket, _ int) { s.Remote = addr(remote) }
	}
	for name, same := range map[string]string{
		"more and older sockets": fingerprint(t, clients(90, in(socket.CloseWait), silent(time.Hour))),
		"after a restart":        fingerprint(t, clients(3, leaking...), restarted),
		"of another language":    fingerprint(t, clients(3, leaking...), process(func(p *socket.Process) { p.Runtime = socket.Go })),
		"another destination":    fingerprint(t, clients(3, append(leaking, to("10.0.0.6:5432"))...)),
		"two destinations":       fingerprint(t, clients(3, leaking...), clients(2, append(leaking, to("10.0.0.6:5432"))...)),
		"another name of it":     fingerprint(t, clients(3, append(leaking, recvQ(1))...)),
	} {
		if same != base {
			t.Errorf("%s: another fingerprint", name)
		}
	}
	for name, other := range map[string]string{
		"another cause":   fingerprint(t, clients(3, in(socket.FinWait2), silent(time.Minute))),
		"accepted":        fingerprint(t, accepted(3, leaking...)),
		"another program": fingerprint(t, clients(3, leaking...), process(func(p *socket.Process) { p.Name = "web" })),
	} {
		if other == base {
			t.Errorf("%s: the same fingerprint", name)
		}
	}
}

// TestFingerprintOfAPlace: what is judged place by place has its place in it.
func TestFingerprintOfAPlace(t *testing.T) {
	to := func(remote string) string {
		f := leak.Finding{Rule: "port-pressure", Remote: addr(remote)}
		return f.Fingerprint(nil)
	}
	if to("10.0.0.5:5432") == to("10.0.0.5:5433") || to("10.0.0.5:5432") == to("10.0.0.6:5432") {
		t.Error("two places have one fingerprint")
	}
	if to("127.0.0.1:40001") != to("127.0.0.1:40002") {
		t.Error("an ephemeral port differs from run to run, and so must not count")
	}
}

func TestFingerprintPartsCannotRunTogether(t *testing.T) {
	a := leak.Finding{Rule: "x"}
	b := leak.Finding{Rule: "x"}
	if a.Fingerprint(&socket.Process{Name: `a"b`}) == b.Fingerprint(&socket.Process{Name: `a`}) {
		t.Error("names of others can forge a fingerprint")
	}
	if len(a.Fingerprint(nil)) != 16 {
		t.Error("want 64 bits in hex")
	}
}
