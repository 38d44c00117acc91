package memory

import (
	"strconv"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

const mapsText = `5581c1200000-5581c1228000 r--p 00000000 08:01 1311    /usr/bin/a name with  blanks
5581c1228000-5581c1300000 r-xp 00028000 08:01 1311    /usr/bin/a name with  blanks
7ffd1000-7ffd2000 rw-p 00000000 00:00 0
7ffd3000-7ffd4000 rw-s 00001000 00:05 7    /memfd:x (deleted)
malformed
9-8 r--p 0 0:0 0
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`

func TestParseMaps(t *testing.T) {
	maps := ParseMaps([]byte(mapsText))
	if len(maps) != 5 {
		t.Fatalf("%d mappings; want 5: %+v", len(maps), maps)
	}
	m := maps.At(0x5581c1228000)
	if m == nil || !m.Executable || !m.Readable || m.Writable || m.Offset != 0x28000 || m.Inode != 1311 || m.Path != "/usr/bin/a name with  blanks" {
		t.Errorf("mapping %+v", m)
	}
	if maps.At(0x5581c1300000) != nil || maps.At(0) != nil || maps.At(1<<64-1) != nil {
		t.Error("an address that is not mapped has a mapping")
	}
	if d := maps.At(0x7ffd3fff); d == nil || !d.Deleted() {
		t.Errorf("deleted file: %+v", d)
	}
	if b := maps.begin(m); b == nil || b.Start != 0x5581c1200000 {
		t.Errorf("the file begins at %+v", b)
	}
}

func FuzzParseMaps(f *testing.F) {
	f.Add([]byte(mapsText))
	f.Fuzz(func(t *testing.T, text []byte) {
		maps := ParseMaps(text)
		for i := range maps {
			if maps[i].Start >= maps[i].End || i > 0 && maps[i-1].Start > maps[i].Start {
				t.Fatalf("mapping %+v", maps[i])
			}
			maps.begin(&maps[i])
		}
		maps.At(uint64(len(text)))
	})
}
