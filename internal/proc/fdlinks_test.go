//go:build linux

package proc

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// TestSparseDescriptors: descriptors are found, each once, however far their
// numbers lie apart.
func TestSparseDescriptors(t *testing.T) {
	fs := live(t)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	testkit.Must(err)
	want := []int32{int32(fd)}
	for _, from := range []int{fd + maxHoles, fd + 2*maxHoles - 1, fd + 3*maxHoles, 300, 301, 900} {
		dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, from)
		testkit.Must(err)
		defer unix.Close(dup)
		want = append(want, int32(dup))
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	testkit.Must(unix.Fstat(fd, &st))
	var got []int32
	total, err := fs.SocketFDs(os.Getpid(), func(fd int32, inode uint64) {
		if inode == st.Ino {
			got = append(got, fd)
		}
	})
	testkit.Must(err)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	var listed int
	testkit.Must(eachEntry("/proc/self/fd", func(file, []byte, int32) error { listed++; return nil }))
	if total > listed+2 || total < listed-2 { // the runtime opens and closes some of its own
		t.Errorf("%d descriptors, %d are listed", total, listed)
	}
}
