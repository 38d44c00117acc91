//go:build linux

package proc

import (
	"os"
	"testing"
)

func TestBusyGrowsWithWork(t *testing.T) {
	fs, err := New("/proc")
	if err != nil {
		t.Fatal(err)
	}
	before, err := fs.Busy(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	stat, err := fs.Stat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for spent := stat.CPU; spent == stat.CPU; { // one clock tick of work
		if stat, err = fs.Stat(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := fs.Busy(os.Getpid()); err != nil || after <= before {
		t.Errorf("busy for %s before and %s after (%v)", before, after, err)
	}
}
