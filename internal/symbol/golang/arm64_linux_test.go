package golang

import (
	"bufio"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

// emulated starts testdata/lines/go, built for arm64, in qemu's user mode, which
// has the program's memory at the program's own addresses.
func emulated(t *testing.T, release string, args ...string) (exe string, pid int, roles map[uint64]string) {
	t.Helper()
	if _, err := exec.LookPath("qemu-aarch64-static"); err != nil {
		t.Skip("needs qemu-aarch64-static: apt-get install qemu-user-static")
	}
	exe = filepath.Join(t.TempDir(), "go")
	build := exec.Command("go", append(append([]string{"build", "-o", exe}, args...), ".")...)
	build.Dir = "../../../testdata/lines/go"
	build.Env = append(os.Environ(), "GOTOOLCHAIN="+release, "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command("qemu-aarch64-static", exe)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	roles = map[uint64]string{}
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		var role string
		var inode uint64
		if _, err := fmt.Sscan(lines.Text(), &role, &inode); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		roles[inode] = role
	}
	return exe, cmd.Process.Pid, roles
}

// tablesOf opens the tables of a program by its file, in the memory of a process.
func tablesOf(t *testing.T, exe string, mem *memory.Process) (*Table, *Runtime) {
	t.Helper()
	file, err := os.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	f, err := elf.NewFile(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := ReadBuildInfo(file)
	if err != nil {
		t.Fatal(err)
	}
	p := Program{Memory: mem, Info: info}
	for _, s := range f.Sections {
		switch {
		case s.Name == ".gopclntab":
			p.Table, p.Address = s, s.Addr
		case s.Flags&elf.SHF_ALLOC != 0 && s.Type != elf.SHT_NOBITS:
			p.Data = append(p.Data, Range{s.Addr, s.Addr + s.Size})
		}
	}
	table, err := NewTable(p)
	if err != nil {
		t.Fatal(err)
	}
	return table, NewRuntime(table, info.GoVersion, mem)
}

// The whole way on arm64: tagged pointers, the layout of the runtime, frames whose
// return address lies at their bottom, and lines.
func TestGoroutinesOfARM64(t *testing.T) {
	for _, release := range append([]string{"local"}, strings.Fields(os.Getenv("SOCKLEAK_GO_RELEASES"))...) {
		for name, args := range map[string][]string{"plain": nil, "stripped": {"-ldflags=-s -w", "-trimpath"}} {
			t.Run(release+"/"+name, func(t *testing.T) {
				exe, pid, roles := emulated(t, release, args...)
				mem, err := memory.Open("/proc", pid, 1<<30)
				if err != nil {
					t.Fatal(err)
				}
				defer mem.Close()
				fs, err := proc.New("/proc")
				if err != nil {
					t.Fatal(err)
				}
				table, run := tablesOf(t, exe, mem)
				want := map[string]string{
					"accept": "accept main.(*server).serve", "read": "read main.next", "deadline": "read main.next",
					"generic": "read main.(*pool[...]).drain", "write": "write main.flood", "idle": "", "nobody": "",
				}
				for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
					got := lines(t, fs, pid, table, run, roles)
					if fmt.Sprint(got) == fmt.Sprint(want) {
						break
					}
					if time.Now().After(deadline) {
						t.Fatalf("found %q; want %q", got, want)
					}
				}
			})
		}
	}
}

// lines returns who waits for the sockets, by role: the call and the innermost
// function of the program's own, which has a line.
func lines(t *testing.T, fs proc.FS, pid int, table *Table, run *Runtime, roles map[uint64]string) map[string]string {
	t.Helper()
	epolls, err := fs.Epolls(pid)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range epolls.Watches {
		p, ok := run.Poll(e.Data, e.FD)
		if !ok || roles[e.Inode] == "" {
			continue
		}
		text := ""
		for write, g := range map[bool]uint64{false: p.Reader, true: p.Writer} {
			if g, ok := run.Goroutine(g); ok {
				pcs := table.Callers(g.Stack)
				w := socket.Waiter{Frames: table.Frames(pcs)}
				if own := w.Own(); own != nil && own.Line > 0 && filepath.Base(own.File) == "main.go" {
					text = run.Call(pcs, write) + " " + own.Function
				}
			}
		}
		found[roles[e.Inode]] = text
	}
	return found
}
