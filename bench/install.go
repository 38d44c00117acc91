//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// install builds the programs and puts them into the directory as a package
// manager does: written from the beginning to the end, and flushed. The Go
// linker writes through a mapping, which leaves the file in the page cache in
// single pages until it is read from disk again; mapping those makes a short
// run take up to half as long again. The tools to compare with come from packages.
func install(dir string) error {
	built := filepath.Join(dir, "built")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", built+"/",
		"./bench", "./bench/gopsutil", "./bench/procfs", "./cmd/sockleak")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build (run it in the root of the repository): %w", err)
	}
	programs, err := os.ReadDir(built)
	if err != nil {
		return err
	}
	for _, p := range programs {
		if err := copyProgram(filepath.Join(built, p.Name()), filepath.Join(dir, p.Name())); err != nil {
			return fmt.Errorf("install: %w", err)
		}
	}
	return nil
}

// copyProgram copies by reading and writing: the kernel's own copying may
// share pages.
func copyProgram(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	defer dst.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{dst}, struct{ io.Reader }{src}, make([]byte, 32<<10)); err != nil {
		return err
	}
	return dst.Sync()
}
