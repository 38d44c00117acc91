package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// nobody is the user of the image, who owns nothing in it. Capabilities that a
// container is given work for root alone, so that who gives them says --user 0.
const nobody = "65532:65532"

// release is what an image says about where it comes from.
type release struct {
	version, revision string
	created           time.Time
}

// labels are those of https://github.com/opencontainers/image-spec/blob/main/annotations.md.
func (r release) labels() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":       "sockleak",
		"org.opencontainers.image.description": "Find leaked and half-closed sockets of a process",
		"org.opencontainers.image.source":      "https://github.com/sockleak/sockleak",
		"org.opencontainers.image.licenses":    "MIT",
		"org.opencontainers.image.version":     r.version,
		"org.opencontainers.image.revision":    r.revision,
		"org.opencontainers.image.created":     r.created.Format(time.RFC3339),
	}
}

// index returns the image for all the programs, each given as ARCH=FILE.
func (r release) index(programs []string) (v1.ImageIndex, error) {
	var list []mutate.IndexAddendum
	for _, p := range programs {
		arch, file, ok := strings.Cut(p, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not ARCH=PROGRAM", p)
		}
		img, err := r.image(arch, file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		list = append(list, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}}})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no programs to pack")
	}
	index := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), list...)
	return mutate.Annotations(index, r.labels()).(v1.ImageIndex), nil
}

// image returns the image of one architecture.
func (r release) image(arch, file string) (v1.Image, error) {
	content, err := r.layer(file)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err = mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: r.created}, CreatedBy: "sockleak " + r.version}})
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", arch, v1.Time{Time: r.created}
	config.Config = v1.Config{Entrypoint: []string{"/sockleak"}, Cmd: []string{"--help"}, User: nobody, WorkingDir: "/", Labels: r.labels()}
	return mutate.ConfigFile(img, config)
}

// layer is a tar of the program, its bill of materials, and the directory that
// a container engine mounts proc(5) on.
func (r release) layer(file string) ([]byte, error) {
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	bill, err := r.bill(bytes.NewReader(program))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range []struct {
		name string
		mode int64
		data []byte
	}{{"proc/", 0o555, nil}, {"sockleak", 0o755, program}, {"sockleak.cdx.json", 0o444, bill}} {
		kind := byte(tar.TypeReg)
		if strings.HasSuffix(f.name, "/") {
			kind = tar.TypeDir
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: kind, Name: f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: r.created}); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err = w.Close() // writes the end
	return b.Bytes(), err
}
