package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

func testRelease() release {
	return release{version: "1.2.3", revision: "0123abc", created: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)}
}

// program builds sockleak as a release does.
func program(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sockleak")
	cmd := exec.Command("go", "build", "-trimpath", "-o", file, "./cmd/sockleak")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// TestImage reads the image back from its file, as a container engine would,
// unpacks it, and runs it.
func TestImage(t *testing.T) {
	arch, file := runtime.GOARCH, filepath.Join(t.TempDir(), "image.tar")
	sockleak := program(t)
	again := file + ".again"
	for _, f := range []string{file, again} {
		if err := testRelease().write(f, []string{arch + "=" + sockleak}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(read(t, file), read(t, again)) {
		t.Error("the same program makes two different images")
	}
	dir := t.TempDir()
	unpack(t, bytes.NewReader(read(t, file)), dir)
	img := only(t, dir, arch)
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if c := config.Config; c.User != nobody || !slices.Equal(c.Entrypoint, []string{"/sockleak"}) || c.Labels["org.opencontainers.image.version"] != "1.2.3" {
		t.Errorf("config %+v", c)
	}
	root := t.TempDir()
	layers, err := img.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	unpack(t, content, root)
	checkBill(t, filepath.Join(root, "sockleak.cdx.json"))
	runs(t, root)
}

// only returns the image of an architecture from an image layout.
func only(t *testing.T, dir, arch string) v1.Image {
	t.Helper()
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	outer, err := index.IndexManifest()
	if err != nil || len(outer.Manifests) != 1 {
		t.Fatalf("%+v, %v", outer, err)
	}
	inner, err := index.ImageIndex(outer.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	m, err := inner.IndexManifest()
	if err != nil || len(m.Manifests) != 1 || m.Manifests[0].Platform.Architecture != arch {
		t.Fatalf("%+v, %v", m, err)
	}
	img, err := inner.Image(m.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// checkBill: the bill of materials names the libraries that are in the program.
func checkBill(t *testing.T, file string) {
	t.Helper()
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(read(t, file)), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"std", "github.com/spf13/cobra", "github.com/prometheus/procfs"} {
		if !slices.ContainsFunc(*bom.Components, func(c cdx.Component) bool { return c.Name == name && c.Version != "" }) {
			t.Errorf("%s is not in the bill of materials", name)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// unpack writes what a tar has to a directory.
func unpack(t *testing.T, r io.Reader, dir string) {
	t.Helper()
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			data, readErr := io.ReadAll(archive)
			err = errors.Join(readErr, os.WriteFile(path, data, os.FileMode(h.Mode)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
