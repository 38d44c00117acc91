package memory

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// open opens our own memory.
func open(t *testing.T, budget int64) *Process {
	t.Helper()
	p, err := Open("/proc", os.Getpid(), budget)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestReadsWhatIsThere(t *testing.T) {
	p := open(t, 1<<20)
	text := []byte("the text that is read\x00 and not this")
	addr := uint64(uintptr(unsafe.Pointer(&text[0])))
	w := Words{NewCache(p, 8)}
	if got, ok := w.CString(addr, 100); !ok || got != "the text that is read" {
		t.Errorf("text %q, %v", got, ok)
	}
	if _, ok := w.CString(addr, 10); ok {
		t.Error("a text longer than its bound was read")
	}
	if got, ok := w.Bytes(addr, uint64(len(text)), 100); !ok || !slices.Equal(got, text) {
		t.Errorf("bytes %q, %v", got, ok)
	}
	if _, ok := w.Bytes(addr, 1<<40, 100); ok {
		t.Error("more bytes than the bound were read")
	}
	number := uint64(0x1122334455667788)
	at := uint64(uintptr(unsafe.Pointer(&number)))
	whole, _ := w.Uint64(at)
	half, _ := w.Uint32(at)
	if whole != number || half != 0x55667788 {
		t.Errorf("words %#x, %#x", whole, half)
	}
}

func TestPointersThatLie(t *testing.T) {
	w := Words{open(t, 1<<20)}
	for _, addr := range []uint64{0, 1, 8, 1 << 46, 1<<63 - 8, 1 << 63, 1<<64 - 8, 1<<64 - 1} {
		if v, ok := w.Uint64(addr); ok {
			t.Errorf("%#x was read: %#x", addr, v)
		}
		if v, ok := (Words{NewCache(w, 2)}).Uint64(addr); ok {
			t.Errorf("%#x was read through the cache: %#x", addr, v)
		}
	}
}

// Many places are read at once, around those that cannot be read.
func TestReadMany(t *testing.T) {
	p := open(t, 1<<20)
	text := []byte("one two")
	at := uint64(uintptr(unsafe.Pointer(&text[0])))
	one, bad, two := make([]byte, 3), make([]byte, 3), make([]byte, 3)
	read := p.ReadMany([][]byte{one, bad, two}, []uint64{at, 8, at + 4})
	if p.pid == 0 {
		t.Skip("needs process_vm_readv(2), which a seccomp filter denies")
	}
	if !slices.Equal(read, []bool{true, false, true}) || string(one) != "one" || string(two) != "two" {
		t.Errorf("%v, %q, %q", read, one, two)
	}
	c := NewCache(p, 8)
	c.Load([]uint64{at, 8, 1<<64 - 1}, 7)
	p.budget = 0 // whatever is read now is in the cache
	if got, ok := (Words{c}).Bytes(at, 7, 7); !ok || string(got) != "one two" {
		t.Errorf("cached %q, %v", got, ok)
	}
	if read := p.ReadMany([][]byte{one}, []uint64{at}); read[0] {
		t.Error("more than the budget was read")
	}
	p.budget = 1 << 12
	bufs, addrs := make([][]byte, 1000), make([]uint64, 1000)
	for i := range bufs {
		bufs[i], addrs[i] = make([]byte, 4), 8*uint64(i)
	}
	p.ReadMany(bufs, addrs)
	if p.budget < 1<<12 {
		t.Errorf("what could not be read cost %d bytes of the budget", 1<<12-p.budget)
	}
}

func TestBudget(t *testing.T) {
	p := open(t, 10)
	var b [8]byte
	addr := int64(uintptr(unsafe.Pointer(&b)))
	if _, err := p.ReadAt(b[:], addr); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ReadAt(b[:], addr); !errors.Is(err, ErrBudget) {
		t.Errorf("beyond the budget: %v", err)
	}
}

// A process that has executed another program is not read as that.
func TestMemoryOfAnEndedProgram(t *testing.T) {
	cmd := exec.Command("sh", "-c", "read line; exec sleep 100")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	exe := func() string {
		name, _ := os.Readlink("/proc/" + itoa(cmd.Process.Pid) + "/exe")
		return name
	}
	for strings.Contains(exe(), "memory") { // the child has not executed sh yet
	}
	p, err := Open("/proc", cmd.Process.Pid, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	maps, err := p.Maps()
	if err != nil || len(maps) == 0 {
		t.Fatalf("%d mappings, %v", len(maps), err)
	}
	old := exe()
	in.Close()
	for exe() == old {
	}
	if v, ok := (Words{p}).Uint64(maps[0].Start); ok {
		t.Errorf("the memory of the new program was read: %#x", v)
	}
	after, err := p.Maps()
	if err != nil || len(after) == 0 {
		t.Fatalf("%d mappings, %v", len(after), err)
	}
	if read := p.ReadMany([][]byte{make([]byte, 8)}, []uint64{after[0].Start}); read[0] {
		t.Error("the memory of the new program was read by its pid")
	}
}

func TestImage(t *testing.T) {
	p := open(t, 1<<20)
	maps, err := p.Maps()
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	m := maps.At(uint64(uintptr(unsafe.Pointer(unsafe.StringData("a constant of this program")))))
	if m == nil || m.Path != exe || m.Executable && m.Writable {
		t.Fatalf("the program's constants are in %+v", m)
	}
	img, err := p.Image(maps, m, exe)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	if img.Section(".text") == nil || img.Bias != 0 && img.Bias%4096 != 0 {
		t.Errorf("bias %#x", img.Bias)
	}
}

// Under its path lies another file than the one that is mapped.
func TestReplacedFile(t *testing.T) {
	path := t.TempDir() + "/sleep"
	text, err := os.ReadFile("/bin/sleep")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "100")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	p, err := Open("/proc", cmd.Process.Pid, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	maps, err := p.Maps()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(maps, func(m Mapping) bool { return m.Path == path })
	if i < 0 {
		t.Fatalf("%s is not mapped", path)
	}
	if img, err := p.Image(maps, &maps[i], "/some/other"); err != nil {
		t.Fatal(err)
	} else {
		img.Close()
	}
	other, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, other, 0o755); err != nil {
		t.Fatal(err)
	}
	if img, err := p.Image(maps, &maps[i], "/some/other"); !errors.Is(err, ErrOtherFile) {
		t.Errorf("another file was taken for the mapped one: %v", err)
		img.Close()
	}
	if img, err := p.Image(maps, &maps[i], path); err != nil {
		t.Errorf("the executable is found without its path: %v", err)
	} else {
		img.Close()
	}
}
