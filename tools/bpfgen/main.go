// Command bpfgen compiles a BPF program written in C, and writes what comes
// out as Go: the instructions, what has to be filled into them for a kernel
// (CO-RE relocations), and the structs of its records.
//
//	go -C tools/bpfgen run . ../../internal/scan/source/taskiter/bpf
//
// writes iter_cast.go, iter_probe.go and iter_records.go of iter.bpf.c. It needs
// clang, of Debian 12 (14.0.6): another version compiles to other instructions,
// which are as good, and which .ci/run would report as a difference.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bpfgen DIRECTORY")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "bpfgen:", err)
		os.Exit(1)
	}
}

// generate writes the Go files of the program in a directory.
func generate(dir string) error {
	work, err := os.MkdirTemp("", "bpfgen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	for _, variant := range []string{"cast", "probe"} {
		path := filepath.Join(work, variant+".o")
		if err := compile(filepath.Join(dir, "iter.bpf.c"), path, variant); err != nil {
			return err
		}
		object, err := readObject(path)
		if err != nil {
			return fmt.Errorf("%s: %w", variant, err)
		}
		if err := write(dir, "iter_"+variant+".go", object.image(variant)); err != nil {
			return err
		}
		if variant == "cast" { // the records are the same
			if err := write(dir, "iter_records.go", object.records()); err != nil {
				return err
			}
		}
	}
	return nil
}

// compile runs clang on the source, with the variant's name as a macro.
func compile(source, object, variant string) error {
	clang := exec.Command("clang", "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Werror",
		"-Wno-unused-function", "-Wno-unused-const-variable", "-fno-strict-aliasing", "-fno-ident",
		"-D"+variant, "-c", source, "-o", object)
	clang.Stderr = os.Stderr
	if err := clang.Run(); err != nil {
		return fmt.Errorf("%v: %w", clang.Args, err)
	}
	return nil
}
