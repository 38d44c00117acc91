//go:build linux

package bpf

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMemory loads the program by what an earlier look remembered.
func TestMemory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sockleak")
	m, ok := memoryIn(dir)
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
	k, ok := m.recall()
	if !ok {
		t.Fatal("nothing is remembered")
	}
	again := &Program{prog: -1, states: first.states}
	must(t, again.load(k))
	defer again.Close()
	if !slices.Equal(again.program.code, first.program.code) || again.program.attachTo != first.program.attachTo ||
		!slices.Equal(again.missing, first.missing) || again.lost != first.lost || again.countedRefs != first.countedRefs {
		t.Error("another program is loaded by the memory than by the types")
	}
	client, _ := pair(t)
	find(t, open(t, Options{Memory: dir}), client)
}

// TestMemoryDoubted damages the memory in every way: what is read then must be
// the types themselves, and the memory is made anew.
func TestMemoryDoubted(t *testing.T) {
	open(t, Options{})
	types := func(change func(*btf)) func(t *testing.T, m memory) {
		return func(t *testing.T, m memory) {
			k, _ := m.recall()
			change(k)
			must(t, os.WriteFile(m.path, []byte(memoryText(k, m.bootID)), 0o600))
		}
	}
	for name, damage := range map[string]func(t *testing.T, m memory){
		"cut off": func(t *testing.T, m memory) { must(t, os.Truncate(m.path, 1000)) },
		"empty":   func(t *testing.T, m memory) { must(t, os.Truncate(m.path, 0)) },
		"another boot": func(t *testing.T, m memory) {
			k, _ := m.recall()
			m.bootID = "00000000-0000-4000-8000-000000000000"
			m.keep(k)
		},
		"changed": func(t *testing.T, m memory) {
			text, err := os.ReadFile(m.path)
			must(t, err)
			must(t, os.WriteFile(m.path, []byte(strings.Replace(string(text), "sk_type ", "sk_type 1", 1)), 0o600))
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
		"a symbol less": types(func(k *btf) { delete(k.ids, symbol{kindFunc, "bpf_iter_task_file"}) }),
		"a member less": types(func(k *btf) { delete(k.places, asked{"tcp_sock", "snd_una"}) }),
		"wrong ids":     types(func(k *btf) { k.ids[symbol{kindFunc, "bpf_iter_task_file"}]++ }),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			m, _ := memoryIn(dir)
			open(t, Options{Memory: dir})
			whole, _ := m.recall()
			damage(t, m)
			if k, ok := m.recall(); ok {
				p := &Program{prog: -1, states: 1}
				if err := p.load(k); err == nil {
					t.Fatal("it is believed")
				}
			}
			client, _ := pair(t)
			find(t, open(t, Options{Memory: dir}), client)
			if k, ok := m.recall(); !ok || !maps.Equal(k.ids, whole.ids) || !maps.Equal(k.places, whole.places) {
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

// FuzzMemory feeds damaged memories to the parser, and builds programs by
// those that it takes.
func FuzzMemory(f *testing.F) {
	k := &btf{ids: map[symbol]uint32{{kindStruct, "sock"}: 7}, places: map[asked]place{{"sock", "sk_type"}: {18, 2}}}
	f.Add(memoryText(k, "boot"))
	f.Add("boot boot\ntype sock 4 7\nsock sk_type -1 0\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, text := range []string{text, text + sumLine(text)} {
			k, ok := parseMemory(text, "boot")
			if !ok {
				continue
			}
			again, ok := parseMemory(memoryText(k, "boot"), "boot")
			if !ok || !maps.Equal(again.ids, k.ids) || !maps.Equal(again.places, k.places) {
				t.Errorf("%q becomes %q", text, memoryText(k, "boot"))
			}
			b := builder{kernel: k, fields: locate(k), states: 1}
			b.build()
		}
	})
}
