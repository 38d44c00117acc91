//go:build linux

package bpf

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestMemory loads the program that an earlier look remembered.
func TestMemory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sockleak")
	m, ok := memoryIn(dir, socket.AllStates)
	if _, recalled := m.recall(); !ok || recalled {
		t.Fatalf("there is a memory before the first look: %v", recalled)
	}
	first := open(t, Options{Memory: dir})
	for path, mode := range map[string]os.FileMode{dir: os.ModeDir | 0o700, m.path: 0o600} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode() != mode {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
	a, ok := m.recall()
	if !ok {
		t.Fatal("nothing is remembered")
	}
	if !reflect.DeepEqual(a, first.assembled) {
		t.Errorf("remembered is %+v\nof %+v", a, first.assembled)
	}
	before, err := os.Stat(m.path)
	must(t, err)
	again := open(t, Options{Memory: dir})
	if after, err := os.Stat(m.path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the second look has written it down again (%v)", err)
	}
	client, _ := pair(t)
	find(t, again, client)
	if len(again.Missing()) != len(first.Missing()) {
		t.Errorf("missing %q, at first %q", again.Missing(), first.Missing())
	}
}

// TestMemoryOfOthers: what was written for another boot, by another binary, for
// other states or in another pid namespace is another program's.
func TestMemoryOfOthers(t *testing.T) {
	dir := t.TempDir()
	m, ok := memoryIn(dir, socket.AllStates)
	if !ok {
		t.Fatal("there is no place for a memory")
	}
	m.keep(assembled{program: program{code: []insn{{}}}})
	if _, ok := m.recall(); !ok {
		t.Fatal("nothing is remembered")
	}
	if few, _ := memoryIn(dir, 1); few.key == m.key || few.path == m.path {
		t.Error("the states make no difference")
	}
	for _, line := range strings.SplitAfter(m.key, "\n")[:4] {
		other := memory{m.path, strings.Replace(m.key, line, "x"+line, 1)}
		if _, ok := other.recall(); ok {
			t.Errorf("it is believed in spite of another %q", line)
		}
	}
}

// TestMemoryOfMany: what one binary after the other leaves behind stays little.
func TestMemoryOfMany(t *testing.T) {
	m, ok := memoryIn(t.TempDir(), socket.AllStates)
	if !ok {
		t.Fatal("there is no place for a memory")
	}
	for i := range 3 * mostKept {
		one := memory{m.path + strconv.Itoa(i), m.key}
		one.keep(assembled{program: program{code: []insn{{}}}})
		if _, ok := one.recall(); !ok {
			t.Fatalf("the memory of version %d is gone", i)
		}
		if files, err := os.ReadDir(filepath.Dir(m.path)); err != nil || len(files) > mostKept {
			t.Fatalf("%d files (%v)", len(files), err)
		}
	}
}

// TestMemoryDoubted damages the memory in every way: the program is assembled by
// the kernel's types then, and remembered anew.
func TestMemoryDoubted(t *testing.T) {
	open(t, Options{})
	change := func(f func(a *assembled)) func(t *testing.T, m memory) {
		return func(t *testing.T, m memory) {
			a, _ := m.recall()
			f(&a)
			must(t, os.WriteFile(m.path, []byte(memoryText(m.key, a)), 0o600))
		}
	}
	for name, damage := range map[string]func(t *testing.T, m memory){
		"cut off": func(t *testing.T, m memory) { must(t, os.Truncate(m.path, 1000)) },
		"empty":   func(t *testing.T, m memory) { must(t, os.Truncate(m.path, 0)) },
		"another boot": func(t *testing.T, m memory) {
			a, _ := m.recall()
			m.key = "boot 00000000-0000-4000-8000-000000000000\n"
			m.keep(a)
		},
		"changed": func(t *testing.T, m memory) {
			text, err := os.ReadFile(m.path)
			must(t, err)
			must(t, os.WriteFile(m.path, []byte(strings.Replace(string(text), "tgid ", "tgid 1", 1)), 0o600))
		},
		"writable by others": func(t *testing.T, m memory) { must(t, os.Chmod(m.path, 0o622)) },
		"another user's": func(t *testing.T, m memory) {
			if err := os.Chown(m.path, 65534, -1); err != nil {
				t.Skipf("needs CAP_CHOWN to give the file away: %v", err)
			}
		},
		"a link": func(t *testing.T, m memory) {
			must(t, os.Rename(m.path, m.path+"2"))
			must(t, os.Symlink(m.path+"2", m.path))
		},
		"a pipe": func(t *testing.T, m memory) {
			must(t, os.Remove(m.path))
			must(t, unix.Mkfifo(m.path, 0o600))
		},
		"an instruction less":              change(func(a *assembled) { a.code = a.code[:len(a.code)-1] }),
		"a place outside":                  change(func(a *assembled) { a.tgidAt = len(a.code) }),
		"an unknown struct":                func(t *testing.T, m memory) { m.damage(t, "code ", "lost 99 1\ncode ") },
		"attached to another function":     change(func(a *assembled) { a.attachTo++ }),
		"with a function somewhere else":   change(func(a *assembled) { a.callbacks = []uint32{1} }),
		"more instructions than there are": func(t *testing.T, m memory) { m.damage(t, "code ", "code 1") },
		"an unknown line":                  func(t *testing.T, m memory) { m.damage(t, "attach ", "detach ") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			m, _ := memoryIn(dir, socket.AllStates)
			whole := open(t, Options{Memory: dir}).assembled
			damage(t, m)
			if a, ok := m.recall(); ok {
				p := &Program{prog: -1, states: socket.AllStates}
				if err := p.take(a); err == nil {
					p.Close()
					if !reflect.DeepEqual(a, whole) {
						t.Fatal("it is believed")
					}
				}
			}
			client, _ := pair(t)
			find(t, open(t, Options{Memory: dir}), client)
			if a, ok := m.recall(); !ok || !reflect.DeepEqual(a, whole) {
				t.Error("it is not made anew")
			}
		})
	}
}

// damage replaces a part of what is remembered, and sums it up again.
func (m memory) damage(t *testing.T, old, with string) {
	data, err := os.ReadFile(m.path)
	must(t, err)
	text := string(data[:strings.LastIndex(string(data), "sum ")])
	text = strings.Replace(text, old, with, 1)
	must(t, os.WriteFile(m.path, []byte(text+sumLine(text)), 0o600))
}

// TestMemoryNowhere looks without a place for a memory.
func TestMemoryNowhere(t *testing.T) {
	for _, dir := range []string{"/proc/1/sockleak", "/dev/null/sockleak"} {
		client, _ := pair(t)
		find(t, open(t, Options{Memory: dir}), client)
	}
}

// FuzzMemory feeds damaged memories to the parser.
func FuzzMemory(f *testing.F) {
	a := assembled{program: program{[]insn{{1, 2, 3, 4}, {5, 6, -7, -8}}, []uint32{1}, 9}, tgidAt: 1, missing: []string{"a\nb"}, countedRefs: true}
	a.lost[1] = socket.HasQueues
	f.Add(memoryText("boot\n", a))
	f.Add("boot\nattach 7\ncode 1\n12345678")
	f.Fuzz(func(t *testing.T, text string) {
		for _, text := range []string{text, text + sumLine(text)} {
			a, ok := parseMemory(text, "boot\n")
			if !ok {
				continue
			}
			again, ok := parseMemory(memoryText("boot\n", a), "boot\n")
			if !ok || !reflect.DeepEqual(again, a) {
				t.Errorf("%q becomes %q", text, memoryText("boot\n", a))
			}
		}
	})
}
