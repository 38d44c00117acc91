package run_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/opener/run"
)

// BenchmarkSocket is the time of a call that makes a socket, and of the one
// that closes it, under the tracer.
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
			tracer, err := run.New(run.Options{Root: "/proc", Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			argv := append(tc.argv, strconv.Itoa(b.N))
			cmd, err := tracer.Start(argv[0], argv, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
			if err != nil {
				b.Fatal(err)
			}
			if status, _ := cmd.Wait(); status != 0 {
				b.Fatalf("ended with %#x", status)
			}
		})
		b.Run(tc.name+"/untraced", func(b *testing.B) {
			argv := append(tc.argv, strconv.Itoa(b.N))
			p, err := os.StartProcess(argv[0], argv, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := p.Wait(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
