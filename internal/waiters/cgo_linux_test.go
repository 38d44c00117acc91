package waiters

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Whatever C code lies between, the line in Go that called it is named.
func TestCgo(t *testing.T) {
	needCompiler(t)
	t.Setenv("CGO_ENABLED", "1")
	for _, release := range append([]string{"local"}, strings.Fields(os.Getenv("SOCKLEAK_GO_RELEASES"))...) {
		for name, flags := range map[string]string{
			"optimized":          "-O2 -g",
			"frame pointers":     "-O1 -DPLAIN",
			"no unwinding table": "-O2 -fno-asynchronous-unwind-tables",
		} {
			t.Run(release+"/"+name, func(t *testing.T) {
				t.Setenv("CGO_CFLAGS", flags)
				exe, source := buildGo(t, release, "cgo")
				p := run(t, source, exec.Command(exe))
				found := p.check([]want{
					{"cgo", "recvfrom", "main.inC", "waits: cgo", nil},
					{"syscall", "read", "main.inGo", "waits: syscall", nil},
				})
				if name != "optimized" {
					return
				}
				var names []string
				for _, f := range found[p.inodes["cgo"][0]].waiters[0].Frames {
					names = append(names, f.Function)
				}
				if text := strings.Join(names, " "); !strings.Contains(text, "recv fetch ") || strings.Contains(text, "asmcgocall") {
					t.Errorf("stack %s; want recv, fetch and then the functions in Go", text)
				}
			})
		}
	}
}
