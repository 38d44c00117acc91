package golang

import (
	"runtime/debug"
	"testing"
)

func TestWhoseCode(t *testing.T) {
	m := newModules(&BuildInfo{
		Main: debug.Module{Path: "example.com/app"},
		Deps: []*debug.Module{{Path: "example.com/app/lib"}, {Path: "gopkg.in/yaml.v3"}, {Path: "example.com/apple"}},
	})
	for _, tc := range []struct {
		function, module string
		own              bool
	}{
		{"main.main", "example.com/app", true},
		{"main.(*pool[...]).drain", "example.com/app", true},
		{"example.com/app/store.(*DB).Open.func1", "example.com/app", true},
		{"example.com/app/lib.Dial", "example.com/app/lib", false},
		{"example.com/app/library.Dial", "example.com/app", true},
		{"example.com/apple.Dial", "example.com/apple", false},
		{"gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3", false},
		{"net/http.(*conn).serve", "std", false},
		{"vendor/golang.org/x/net/http2.Dial", "std", false},
		{"example.com/app/g.Map[go.shape.*example.com/apple.T]", "example.com/app", true},
		{"example.org/unlisted.F", "", false},
		{"", "std", false},
	} {
		if module, own := m.of(tc.function); module != tc.module || own != tc.own {
			t.Errorf("%s: %q, %v; want %q, %v", tc.function, module, own, tc.module, tc.own)
		}
	}
	if _, own := newModules(nil).of("main.main"); !own {
		t.Error("without build info package main is nobody's")
	}
}

func TestWrappers(t *testing.T) {
	for name, want := range map[string]bool{
		"main.serve.gowrap1": true, "main.(*T).f.deferwrap12": true, "main.gowrapper": false, "main.f.gowrapX": false, "": false,
		"main._Cfunc_recv": true, "main._C2func_recv": true, "main.Cfunc_recv": false,
	} {
		if isWrapper(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
	if got := readable("main.(*pool[go.shape.interface { Read([]uint8) }]).drain"); got != "main.(*pool[...]).drain" {
		t.Error(got)
	}
}

func TestLayoutOf(t *testing.T) {
	for version, want := range map[string]struct {
		goid  uint64
		known bool
	}{
		"go1.21.13": {152, true}, "go1.22rc1": {152, true}, "go1.24": {160, true}, "go1.25.3": {152, true}, "go1.26.8": {152, true},
		"go1.26.8 X:boringcrypto": {152, true}, "go1.27.0": {152, false}, "go1.20.1": {152, false}, "devel go1.27-abc": {152, false}, "": {152, false},
	} {
		if l, known := layoutOf(version); l.goid != want.goid || known != want.known {
			t.Errorf("%q: goid at %d, %v", version, l.goid, known)
		}
	}
}
