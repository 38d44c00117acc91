//go:build linux

package memory

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// mostMaps bounds the text of /proc/PID/maps that is read.
const mostMaps = 16 << 20

// Maps reads what the process has mapped.
func (p *Process) Maps() (Maps, error) {
	f, err := os.Open(p.dir + "/maps")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostMaps))
	return ParseMaps(text), err
}

// Image is an ELF file that a process has mapped. The file is another's: what
// debug/elf returns for it is to be used where a panic is caught ([Guard]).
type Image struct {
	*elf.File
	Path string // as the process names it; untrusted
	// Bias is what is added to the addresses in the file to have those in the
	// process.
	Bias uint64
	file *os.File
}

// Close closes the file.
func (img *Image) Close() error { return img.file.Close() }

// Raw reads the file itself.
func (img *Image) Raw() io.ReaderAt { return img.file }

// ErrOtherFile is returned when the file at the path of a mapping is not the
// one that is mapped, as after an upgrade.
var ErrOtherFile = errors.New("the file was replaced since the process mapped it")

// Image opens the ELF file of a mapping. exe is the path of the process's
// executable, which is found whatever became of its path. A file under any
// other path counts only if it begins as the one that is mapped does: with the
// same headers, and the build id where there is one.
func (p *Process) Image(maps Maps, m *Mapping, exe string) (*Image, error) {
	path := p.dir + "/exe"
	if !m.Maps(exe) {
		if !strings.HasPrefix(m.Path, "/") || m.Deleted() {
			return nil, fmt.Errorf("open %q: %w", m.Path, ErrOtherFile)
		}
		path = p.dir + "/root" + m.Path
	}
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	img := &Image{Path: strings.TrimSuffix(m.Path, deleted), file: f}
	if err := img.load(p, maps, m); err != nil {
		f.Close()
		return nil, err
	}
	return img, nil
}

// openRegular opens a file of a place that others write to: a pipe or a device
// there would block us.
func openRegular(path string) (*os.File, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("open %s: no regular file", path)
	}
	return os.Open(path)
}

func (img *Image) load(p *Process, maps Maps, m *Mapping) (err error) {
	defer Guard(&err)
	if img.File, err = elf.NewFile(img.file); err != nil {
		return err
	}
	if img.Class != elf.ELFCLASS64 || img.Data != elf.ELFDATA2LSB {
		return errors.New("not a little-endian program of 64 bits")
	}
	first := maps.begin(m)
	if first == nil {
		return errors.New("the beginning of the file is not mapped")
	}
	var mapped, stored [1024]byte
	if _, err := p.ReadAt(mapped[:], int64(first.Start)); err != nil {
		return err
	}
	if _, err := img.file.ReadAt(stored[:], 0); err != nil {
		return err
	}
	if mapped != stored {
		return ErrOtherFile
	}
	for _, seg := range img.Progs {
		if seg.Type == elf.PT_LOAD && seg.Off < pageSize {
			img.Bias = first.Start - (seg.Vaddr - seg.Off)
			return nil
		}
	}
	return errors.New("no segment holds the beginning of the file")
}

// SectionData returns the section's bytes as a reader, and its address in the
// process; nil when the file has no such section.
func (img *Image) SectionData(names ...string) (data *io.SectionReader, addr uint64) {
	for _, name := range names {
		if s := img.Section(name); s != nil && s.Type != elf.SHT_NOBITS && s.Flags&elf.SHF_COMPRESSED == 0 {
			return io.NewSectionReader(img.file, int64(s.Offset), int64(s.Size)), s.Addr + img.Bias
		}
	}
	return nil, 0
}
