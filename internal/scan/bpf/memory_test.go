//go:build linux

package bpf

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/scan/bpf/prog"
	"github.com/sockleak/sockleak/internal/socket"
)

// TestMemory loads the program that an earlier look remembered.
func TestMemory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sockleak")
	m, ok := prog.In(dir)
	if _, recalled := m.Recall(); !ok || recalled {
		t.Fatalf("there is a memory before the first look: %v", recalled)
	}
	first := open(t, Options{Memory: dir})
	for path, mode := range map[string]os.FileMode{dir: os.ModeDir | 0o700, m.Path: 0o600} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode() != mode {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
	before, err := os.Stat(m.Path)
	must(t, err)
	again := open(t, Options{Memory: dir})
	if !reflect.DeepEqual(again.assembled, first.assembled) {
		t.Errorf("remembered is %+v\nof %+v", again.assembled, first.assembled)
	}
	if after, err := os.Stat(m.Path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the second look has written it down again (%v)", err)
	}
	client, _ := pair(t)
	find(t, again, client)
	few := open(t, Options{Memory: dir, States: socket.StateSet(socket.Listen)})
	for _, s := range look(t, few, os.Getpid()) {
		if s.State != socket.Listen {
			t.Errorf("a program for all states is used for few: %+v", s.Socket)
		}
	}
}

// TestBegun uses the program that was begun to load before.
func TestBegun(t *testing.T) {
	dir := t.TempDir()
	first := open(t, Options{Memory: dir})
	b := prog.Begin(dir)
	p := open(t, Options{Memory: dir, Begun: b})
	if _, _, again := b.Take(dir); again {
		t.Error("what was begun is still there to be taken")
	}
	if !reflect.DeepEqual(p.assembled, first.assembled) {
		t.Errorf("begun was %+v\ninstead of %+v", p.assembled, first.assembled)
	}
	client, _ := pair(t)
	find(t, p, client)
	find(t, open(t, Options{Memory: dir, Begun: b}), client) // it is loaded anew
}

// TestBegunInVain begins where there is nothing to load, or nothing that is of
// use.
func TestBegunInVain(t *testing.T) {
	client, _ := pair(t)
	empty := t.TempDir()
	find(t, open(t, Options{Memory: empty, Begun: prog.Begin(empty)}), client)
	find(t, open(t, Options{Memory: t.TempDir(), Begun: prog.Begin(empty)}), client)
	m, _ := prog.In(empty)
	whole, ok := m.Recall()
	if !ok {
		t.Fatal("nothing is remembered")
	}
	foreign := whole
	foreign.Notes = "somebody else's\n"
	must(t, os.WriteFile(m.Path, []byte(m.Text(foreign)), 0o600))
	find(t, open(t, Options{Memory: empty, Begun: prog.Begin(empty)}), client)
	if again, _ := m.Recall(); !reflect.DeepEqual(again, whole) {
		t.Error("a program that is not ours is still remembered")
	}
}

// TestMemoryOfMany: what one binary after the other leaves behind stays little.
func TestMemoryOfMany(t *testing.T) {
	m, ok := prog.In(t.TempDir())
	if !ok {
		t.Fatal("there is no place for a memory")
	}
	for i := range 3 * mostKept {
		one := prog.Memory{Path: m.Path + strconv.Itoa(i), Key: m.Key}
		remember(one, prog.Program{Code: []prog.Insn{{}}})
		if _, ok := one.Recall(); !ok {
			t.Fatalf("the memory of version %d is gone", i)
		}
		if files, err := os.ReadDir(filepath.Dir(m.Path)); err != nil || len(files) > mostKept {
			t.Fatalf("%d files (%v)", len(files), err)
		}
	}
}

// TestMemoryDoubted damages the memory in every way: the program is assembled by
// the kernel's types then, and remembered anew.
func TestMemoryDoubted(t *testing.T) {
	open(t, Options{})
	change := func(f func(p *prog.Program)) func(t *testing.T, m prog.Memory) {
		return func(t *testing.T, m prog.Memory) {
			p, _ := m.Recall()
			f(&p)
			must(t, os.WriteFile(m.Path, []byte(m.Text(p)), 0o600))
		}
	}
	for name, damage := range map[string]func(t *testing.T, m prog.Memory){
		"cut off": func(t *testing.T, m prog.Memory) { must(t, os.Truncate(m.Path, 1000)) },
		"empty":   func(t *testing.T, m prog.Memory) { must(t, os.Truncate(m.Path, 0)) },
		"another key": func(t *testing.T, m prog.Memory) {
			p, _ := m.Recall()
			m.Key = "boot 00000000-0000-4000-8000-000000000000\n"
			remember(m, p)
		},
		"changed": func(t *testing.T, m prog.Memory) {
			text, err := os.ReadFile(m.Path)
			must(t, err)
			text[len(text)-1]++
			must(t, os.WriteFile(m.Path, text, 0o600))
		},
		"writable by others": func(t *testing.T, m prog.Memory) { must(t, os.Chmod(m.Path, 0o622)) },
		"another user's": func(t *testing.T, m prog.Memory) {
			if err := os.Chown(m.Path, 65534, -1); err != nil {
				t.Skipf("needs CAP_CHOWN to give the file away: %v", err)
			}
		},
		"a link": func(t *testing.T, m prog.Memory) {
			must(t, os.Rename(m.Path, m.Path+"2"))
			must(t, os.Symlink(m.Path+"2", m.Path))
		},
		"a pipe": func(t *testing.T, m prog.Memory) {
			must(t, os.Remove(m.Path))
			must(t, unix.Mkfifo(m.Path, 0o600))
		},
		"an instruction less":          change(func(p *prog.Program) { p.Code = p.Code[:len(p.Code)-1] }),
		"attached to another function": change(func(p *prog.Program) { p.AttachTo++ }),
		"a function somewhere else":    change(func(p *prog.Program) { p.Callbacks = []uint32{1} }),
		"no notes":                     change(func(p *prog.Program) { p.Notes = "" }),
		"a place outside":              change(func(p *prog.Program) { p.Notes = "tgid 100000\n" }),
		"a struct that there is not":   change(func(p *prog.Program) { p.Notes += "lost 99 1\n" }),
		"an unknown note":              change(func(p *prog.Program) { p.Notes += "found 1\n" }),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			m, _ := prog.In(dir)
			whole := open(t, Options{Memory: dir}).assembled
			damage(t, m)
			client, _ := pair(t)
			find(t, open(t, Options{Memory: dir}), client)
			if p, ok := m.Recall(); !ok || !reflect.DeepEqual(p, whole.program) {
				t.Error("it is not made anew")
			}
		})
	}
}

// TestMemoryNowhere looks without a place for a memory.
func TestMemoryNowhere(t *testing.T) {
	for _, dir := range []string{"/proc/1/sockleak", "/dev/null/sockleak"} {
		client, _ := pair(t)
		find(t, open(t, Options{Memory: dir}), client)
	}
}

// FuzzNotes feeds damaged notes to the program that is to understand them.
func FuzzNotes(f *testing.F) {
	a := assembled{tgidAt: 1, missing: []string{"a\nb"}, countedRefs: true}
	a.lost[1] = socket.HasQueues
	a.note()
	f.Add(a.program.Notes)
	f.Fuzz(func(t *testing.T, notes string) {
		a, ok := noted(prog.Program{Code: make([]prog.Insn, 8), Notes: notes})
		if !ok {
			return
		}
		a.note()
		again, ok := noted(a.program)
		if !ok || !reflect.DeepEqual(again, a) {
			t.Errorf("%q becomes %q", notes, a.program.Notes)
		}
	})
}
