package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// TestOneCauseOneFinding: what is suspected beside a proven leak of the same
// kind is said there, and is no finding of its own.
func TestOneCauseOneFinding(t *testing.T) {
	leaking := accepted(5, in(socket.CloseWait), silent(time.Minute))
	maybe := func(snap *socket.Snapshot) {
		s := tcp
		s.Local, s.Inode = port, 50_000
		add(4, s, []trait{silent(20 * sec), sent(20 * sec), got(21 * sec), nobody(), func(s *socket.Socket, i int) {
			s.Remote = addr("10.0.0.9:40000")
		}})(snap)
	}
	list := Judge(look(leaking, maybe), leak.Defaults())
	if len(list) != 1 || list[0].Level != leak.Leak || len(list[0].Sockets) != 5 {
		t.Fatalf("%d findings:\n%s", len(list), describe(list))
	}
	if !strings.Contains(strings.Join(list[0].Evidence, "\n"), "perhaps of the same cause: holds 4 accepted connections") {
		t.Errorf("evidence: %q", list[0].Evidence)
	}
	if list = Judge(look(listener(), maybe), leak.Defaults()); len(list) != 1 || list[0].Level != leak.Suspect {
		t.Errorf("alone: %+v", list)
	}
}

// TestOneLeakInStages: connections that are kept are idle, then closed by their
// server, then over. They are one leak, unless they go to different places.
func TestOneLeakInStages(t *testing.T) {
	stages := func(other trait) []leak.Finding {
		shift := func(s *socket.Socket, _ int) { s.Inode, s.Cookie = s.Inode+500, s.Cookie+500 }
		return Judge(looks(12, func(i int) []part {
			return []part{clients(i+3, in(socket.CloseWait), recvQ(1), silent(6*sec), end(socket.Peer{Gone: true})),
				clients(i+3, shift, silent(6*sec), nobody(), other)}
		}), leak.Defaults())
	}
	one := stages(func(*socket.Socket, int) {})
	if len(one) != 1 || one[0].Rule != "close-wait-eof-unread" || len(one[0].Sockets) != 28 ||
		!strings.Contains(one[0].Summary, "; keeps 14 connections to 10.0.0.5:5432") {
		t.Errorf("one place:\n%s", describe(one))
	}
	elsewhere := stages(func(s *socket.Socket, _ int) { s.Remote = addr("10.0.0.6:6379") })
	if len(elsewhere) != 2 {
		t.Errorf("two places:\n%s", describe(elsewhere))
	}
}

// TestStageThatProvesNothing: what the server has closed of connections that
// only come is no pool, though it would look like one alone.
func TestStageThatProvesNothing(t *testing.T) {
	shift := func(s *socket.Socket, _ int) { s.Inode, s.Cookie = s.Inode+500, s.Cookie+500 }
	list := Judge(looks(12, func(i int) []part {
		return []part{clients(5, in(socket.CloseWait), recvQ(1), silent(8*sec), end(socket.Peer{Gone: true})),
			clients(i+3, shift, silent(6*sec), nobody())}
	}), leak.Defaults())
	if len(list) != 1 || list[0].Rule != "slow-leak" || list[0].Level != leak.Leak || len(list[0].Sockets) != 19 ||
		!strings.Contains(strings.Join(list[0].Evidence, "\n"), "5 sockets of these would prove nothing alone (dead-pool)") {
		t.Errorf("findings:\n%s", describe(list))
	}
}
