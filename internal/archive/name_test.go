package archive

import (
	"strings"
	"testing"
	"time"
)

func TestName(t *testing.T) {
	n := Name{Time: noon, Host: "db-1.example", Sum: "01234567"}
	const file = "sockleak-20261121T120000.123456Z-db-1.example-01234567.json"
	if n.String() != file {
		t.Errorf("got %s", n)
	}
	if back, ok := ParseName(file); !ok || back != n {
		t.Errorf("parsed %+v, %v", back, ok)
	}
	for _, bad := range []string{
		"", "latest.json", "sockleak-.json", "x" + file, file + ".tmp", file + "\n",
		strings.Replace(file, "20261121", "20261321", 1),
		strings.Replace(file, "db-1", "db/1", 1),
		strings.Replace(file, "db-1", "db 1", 1),
		strings.Replace(file, "-01234567", "-0123456F", 1),
		strings.Replace(file, "-db-1.example", "", 1),
		strings.Replace(file, ".123456Z", ".12345Z", 1),
		strings.Replace(file, "db", strings.Repeat("d", 70), 1),
	} {
		if n, ok := ParseName(bad); ok {
			t.Errorf("%q was taken for %+v", bad, n)
		}
	}
}

func FuzzParseName(f *testing.F) {
	f.Add("sockleak-20261121T120000.123456Z-h-01234567.json")
	f.Add("sockleak-20261121T120000.123456Z---01234567.json")
	f.Fuzz(func(t *testing.T, file string) {
		if n, ok := ParseName(file); ok && (n.String() != file || strings.ContainsAny(file, "/\x00 ")) {
			t.Errorf("%q became %q", file, n)
		}
	})
}

func FuzzHead(f *testing.F) {
	f.Add(`{"schema_version":"1.0","tool":{"name":"sockleak"},"host":{"name":"h"},"soc`)
	f.Add(`{"tool":{"name":"sockleak"},"tool":[],"host":{"name":"h"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if h, ok := parseHead(strings.NewReader(text)); ok && (h.tool == "" || h.host == "") {
			t.Errorf("%q gave %+v", text, h)
		}
	})
}

func TestNamesSortByTime(t *testing.T) {
	a := Name{Time: noon, Host: "zzz", Sum: "ffffffff"}
	b := Name{Time: noon.Add(time.Microsecond), Host: "aaa", Sum: "00000000"}
	if a.String() >= b.String() {
		t.Errorf("%s sorts behind %s", a, b)
	}
}
