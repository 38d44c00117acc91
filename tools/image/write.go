package main

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// write makes the image and packs it into the file.
func (r release) write(file string, programs []string) error {
	index, err := r.index(programs)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sockleak-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	name := map[string]string{"org.opencontainers.image.ref.name": "sockleak:" + r.version}
	if err := path.AppendIndex(index, layout.WithAnnotations(name)); err != nil {
		return err
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(r.pack(out, dir), out.Close())
}

// pack writes the directory as a tar, in the order of names.
func (r release) pack(out io.Writer, dir string) error {
	w := tar.NewWriter(out)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return r.add(w, path, name, e)
	})
	return errors.Join(err, w.Close())
}

// add adds a file or directory under a name.
func (r release) add(w *tar.Writer, path, name string, e fs.DirEntry) error {
	h := &tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755, ModTime: r.created.Truncate(time.Second)}
	if e.IsDir() {
		return w.WriteHeader(h)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	h.Typeflag, h.Name, h.Mode, h.Size = tar.TypeReg, name, 0o644, int64(len(data))
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
