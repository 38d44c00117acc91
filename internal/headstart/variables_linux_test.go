package headstart

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// What is touched must be what it is said to be, in the program as it is built
// today: the linker's order is not promised, and the program grows.
func TestVariables(t *testing.T) {
	program := filepath.Join(t.TempDir(), "sockleak")
	build := exec.Command("go", "build", "-o", program, "../../cmd/sockleak")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]uint64{}
	for _, s := range symbols {
		at[s.Name] = s.Value
	}
	page := uint64(unix.Getpagesize())
	end := at["syscall.SocketDisableIPv6"]/page*page + page
	if begin := at["runtime.data"]; begin == 0 || end-variables > begin || begin-(end-variables) > variables/2 {
		t.Errorf(".data begins at %#x, touched is from %#x on; %d bytes would do", begin, end-variables, end-begin)
	}
	if ends := at["runtime.ebss"]; ends == 0 || end < ends || end-ends > 2*page {
		t.Errorf(".bss ends at %#x, touched is up to %#x", ends, end)
	}
}

// The test binary has fewer variables. A kernel that knows the advice knows it
// of any memory.
func TestTouchVariables(t *testing.T) {
	memory, err := unix.Mmap(-1, 0, unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	known := unix.Madvise(memory, unix.MADV_POPULATE_WRITE)
	if err := touchVariables(variables / 4); (err == nil) != (known == nil) {
		t.Errorf("of the variables: %v; of other memory: %v", err, known)
	}
}
