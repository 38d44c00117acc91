package scan

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// vmlinux is where the kernel describes its types.
const vmlinux = "/sys/kernel/btf/vmlinux"

// types is a copy of the kernel's types (Documentation/bpf/btf.rst).
type types struct {
	data         []byte
	records, end int // the section of types
	names        int // the section of names
}

// kernelTypes reads them.
func kernelTypes(t *testing.T) *types {
	t.Helper()
	data, err := os.ReadFile(vmlinux)
	if err != nil {
		t.Skipf("needs a kernel with CONFIG_DEBUG_INFO_BTF: %v", err)
	}
	b := &types{data: data}
	header := b.word(4)
	b.records = int(header + b.word(8))
	b.end = b.records + int(b.word(12))
	b.names = int(header + b.word(16))
	return b
}

func (b *types) word(at int) uint32 { return binary.LittleEndian.Uint32(b.data[at:]) }

func (b *types) name(at int) string {
	text := b.data[b.names+int(b.word(at)):]
	return string(text[:bytes.IndexByte(text, 0)])
}

// kinds of types that are looked for.
const (
	structKind = 4
	funcKind   = 12
)

// find returns the place of the record of a type.
func (b *types) find(t *testing.T, kind uint32, name string) int {
	t.Helper()
	const head = 12 // struct btf_type
	extra := [20]int{1: 4, 3: 12, 14: 4, 17: 4}
	perMember := [20]int{4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
	for at := b.records; at < b.end; {
		info := b.word(at + 4)
		k := info >> 24 & 0x1f
		if k == kind && b.name(at) == name {
			return at
		}
		at += head + extra[k] + perMember[k]*int(info&0xffff)
	}
	t.Fatalf("the kernel has no type %s", name)
	return 0
}

// swapNames gives two functions each other's name.
func (b *types) swapNames(t *testing.T, one, other string) {
	t.Helper()
	x, y := b.find(t, funcKind, one), b.find(t, funcKind, other)
	name, otherName := b.word(x), b.word(y)
	binary.LittleEndian.PutUint32(b.data[x:], otherName)
	binary.LittleEndian.PutUint32(b.data[y:], name)
}

// moveOut moves a member of a struct to behind its end.
func (b *types) moveOut(t *testing.T, of, member string) {
	t.Helper()
	at := b.find(t, structKind, of)
	for n := range int(b.word(at+4) & 0xffff) {
		m := at + 12 + 12*n
		if b.name(m) == member {
			binary.LittleEndian.PutUint32(b.data[m+8:], (b.word(at+8)+8)*8)
			return
		}
	}
	t.Fatalf("struct %s has no %s", of, member)
}

// insteadOf returns a command that runs another one where a file has other
// contents, and needs root.
func insteadOf(t *testing.T, file string, contents []byte) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "contents")
	if err := os.WriteFile(path, contents, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"unshare", "--mount", "sh", "-c", `mount --bind "$0" ` + file + ` && exec "$@"`, path}
}
