package python

import (
	"bytes"
	"testing"
)

// Tables as the notes of CPython describe them; whole stacks are compared with
// what the interpreter itself says in package waiters.
func TestLines(t *testing.T) {
	for _, tc := range []struct {
		name   string
		format lineFormat
		table  []byte
		first  int
		want   map[int]int // by offset
	}{
		{"lnotab", lnotab, []byte{0, 1, 8, 2, 4, 255}, 1, map[int]int{0: 2, 7: 2, 8: 4, 11: 4, 12: 3, 1000: 3}},
		{"lnotab, empty", lnotab, nil, 7, map[int]int{0: 7}},
		{"linetable", linetable, []byte{4, 1, 2, 128, 6, 2}, 1, map[int]int{0: 2, 3: 2, 4: 0, 6: 4, 11: 4, 12: 0}},
		// Entries: none of 1 instruction, one-line form (code 11) of 2, short
		// form (code 2) of 1, no columns (code 13) of 1 with -2, long form of 1
		// with +4.
		{"locations", locations, []byte{0xf8, 0xd9, 4, 5, 0x90, 0x11, 0xe8, 5, 0xf0, 8, 0, 0, 0}, 1,
			map[int]int{0: 0, 2: 2, 5: 2, 6: 2, 8: 0, 10: 4, 12: 0}},
		{"locations, cut short", locations, []byte{0xf0, 0x40}, 5, map[int]int{0: 5, 2: 0}},
	} {
		for at, want := range tc.want {
			if got := line(tc.format, tc.table, tc.first, at); got != want {
				t.Errorf("%s: line %d at %d; want %d", tc.name, got, at, want)
			}
		}
	}
}

func TestWhose(t *testing.T) {
	for file, want := range map[string]struct {
		module string
		own    bool
	}{
		"/srv/app.py":                            {"", true},
		"app.py":                                 {"", true},
		"<string>":                               {"", true},
		"/usr/lib/python3.11/socketserver.py":    {"std", false},
		"/usr/lib64/python3.9/threading.py":      {"std", false},
		"/opt/py/lib/python3.13t/ssl.py":         {"std", false},
		"<frozen importlib._bootstrap>":          {"std", false},
		"/v/lib/python3.11/site-packages/a/b.py": {"a", false},
		"/usr/lib/python3/dist-packages/six.py":  {"six", false},
		"/home/me/python3.11/app.py":             {"", true},
		"/home/lib/python3.x/app.py":             {"", true},
	} {
		if module, own := whose(file); module != want.module || own != want.own {
			t.Errorf("%s: %q, %v", file, module, own)
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add(uint8(2), []byte{0xf8, 0xd9, 4, 5, 0x90, 0x11, 0xe8, 5, 0xf0, 8, 0, 0, 0}, 1, 4)
	f.Fuzz(func(t *testing.T, format uint8, table []byte, first, at int) {
		line(lineFormat(format%3), table, first, at)
	})
}

// FuzzStack makes an interpreter of any bytes.
func FuzzStack(f *testing.F) {
	f.Add(uint8(11), bytes.Repeat([]byte{64, 0, 0, 0, 0, 0, 0, 0}, 100), uint64(0))
	f.Add(uint8(9), bytes.Repeat([]byte{8, 1, 0, 0, 0, 0, 0, 0}, 200), uint64(16))
	f.Add(uint8(13), append([]byte("xdebugpy\x00\x00\x0d\x03\x00\x00\x00\x00"), bytes.Repeat([]byte{16, 0, 0, 0, 0, 0, 0, 0}, 100)...), uint64(0))
	for minor := byte(14); minor <= 15; minor++ {
		f.Add(minor, append([]byte{'x', 'd', 'e', 'b', 'u', 'g', 'p', 'y', 0, 0, minor, 3, 0, 0, 0, 0}, bytes.Repeat([]byte{16, 0, 0, 0, 0, 0, 0, 0}, 120)...), uint64(0))
	}
	f.Fuzz(func(t *testing.T, minor uint8, mem []byte, runtime uint64) {
		in, err := New(bytes.NewReader(mem), int(minor%16), runtime)
		if err != nil {
			return
		}
		for _, state := range in.Threads(func(int) bool { return true }) {
			if n := len(in.Stack(state)); n > mostFrames {
				t.Errorf("%d frames", n)
			}
			in.Accepting().Thread(state)
			loop := &Loop{at: state, walk: walk{in: in, kinds: map[uint64]*kind{}, seen: map[uint64]bool{}}}
			loop.read()
			loop.keys[3] = state // whatever is there
			if _, task := loop.Owner(3); len(task) > mostFrames {
				t.Errorf("a task of %d frames", len(task))
			}
		}
		for _, refs := range in.References(map[uint64]bool{64: true, 128: true}) {
			if len(refs.List) > mostListed || refs.Over > refs.Count {
				t.Errorf("references %+v", refs)
			}
		}
		in.Objects(mem, 0, map[int32]Descriptor{3: {3, 2, 1}, 64: {64, 64, 64}}, func(int32, Object) {})
	})
}
