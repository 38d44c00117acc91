package waiters

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAsyncioOwners(t *testing.T) {
	source, err := filepath.Abs("../../testdata/lines/python/loop.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, python := range interpreters() {
		t.Run(filepath.Base(python), func(t *testing.T) {
			p := run(t, source, exec.Command(python, source))
			want := map[string]string{
				"server":   fmt.Sprintf("StreamReaderProtocol handle:%d", p.line("waits: server")),
				"client":   fmt.Sprintf("StreamReaderProtocol line_of:%d client:%d", p.line("waits: client"), p.line("outer: client")),
				"low":      fmt.Sprintf(" low:%d", p.line("waits: low")),
				"protocol": "Echo",
			}
			if strings.HasSuffix(python, "3.9") { // its protocols do not know their tasks
				want["server"] = "StreamReaderProtocol"
			}
			p.eventually(func() (problems []string) {
				found, err := p.look()
				if err != nil {
					t.Fatal(err)
				}
				for role, text := range want {
					at := found[p.inodes[role][0]]
					if got := ownerText(at); got != text || len(at.waiters) != 1 || at.waiters[0].Loop != "asyncio" {
						problems = append(problems, fmt.Sprintf("%s: %q, want %q in %+v", role, got, text, at))
					}
				}
				return problems
			})
		})
	}
}

func ownerText(s seen) string {
	if s.owner == nil {
		return "none"
	}
	text := s.owner.Protocol
	for _, f := range s.owner.Task {
		if f.Own {
			text += fmt.Sprintf(" %s:%d", f.Function[strings.LastIndexByte(f.Function, '.')+1:], f.Line)
		}
	}
	return text
}
