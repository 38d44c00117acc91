package run_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/opener/run"
)

// BenchmarkSocket is the time of a call that makes a socket, and of the one
// that closes it, under the tracer; and what processors spent on it, which other
// programs do not disturb.
func BenchmarkSocket(b *testing.B) {
	for _, tc := range []struct {
		name string
		argv []string
	}{
		{"native", []string{compile(b, "gcc", "-O2", "-g", "-o", "PROGRAM", "testdata/many.c")}},
		{"go", []string{compile(b, "go", "build", "-o", "PROGRAM", "./testdata/manygo")}},
		{"python", []string{"/usr/bin/python3", "testdata/many.py"}},
	} {
		b.Run(tc.name+"/traced", func(b *testing.B) {
			before := spent(b)
			tracer, err := run.New(run.Options{Root: "/proc", Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			defer tracer.Close()
			argv := append(tc.argv, strconv.Itoa(b.N))
			cmd, err := tracer.Start(argv[0], argv, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
			if err != nil {
				b.Fatal(err)
			}
			if status, _ := cmd.Wait(); status != 0 {
				b.Fatalf("ended with %#x", status)
			}
			b.ReportMetric((spent(b)-before)/float64(b.N), "cpu-ns/op")
		})
		b.Run(tc.name+"/untraced", func(b *testing.B) {
			before := spent(b)
			argv := append(tc.argv, strconv.Itoa(b.N))
			p, err := os.StartProcess(argv[0], argv, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := p.Wait(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric((spent(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// spent returns the processor time of this process and its children, in
// nanoseconds.
func spent(b *testing.B) (ns float64) {
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var u unix.Rusage
		if err := unix.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		ns += float64(u.Utime.Nano() + u.Stime.Nano())
	}
	return ns
}
