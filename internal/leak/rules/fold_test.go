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
	maybe := accepted(4, in(socket.FinWait2), silent(8*time.Second))
	list := Judge(look(leaking, maybe), leak.Defaults())
	if len(list) != 1 || list[0].Level != leak.Leak || len(list[0].Sockets) != 5 {
		t.Fatalf("%d findings: %+v", len(list), list)
	}
	if !strings.Contains(strings.Join(list[0].Evidence, "\n"), "perhaps of the same cause: shut down 4 connections") {
		t.Errorf("evidence: %q", list[0].Evidence)
	}
	if list = Judge(look(maybe), leak.Defaults()); len(list) != 1 || list[0].Level != leak.Suspect {
		t.Errorf("alone: %+v", list)
	}
}
