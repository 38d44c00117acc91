package main

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// kinds are the CO-RE relocations that the loader knows (enum
// bpf_core_relo_kind, include/uapi/linux/bpf.h).
var kinds = map[uint32]string{
	0:  "fieldOffset",
	2:  "fieldExists",
	7:  "typeID",
	8:  "typeExists",
	10: "enumExists",
}

// readCORE reads the CO-RE relocations out of .BTF.ext: for each section of
// the program struct btf_ext_info_sec, and in it struct bpf_core_relo.
func (o *object) readCORE(file *elf.File) error {
	ext, err := sectionData(file, ".BTF.ext")
	if err != nil {
		return err
	}
	names, err := stringTable(file)
	if err != nil {
		return err
	}
	word := func(at uint32) uint32 { return binary.LittleEndian.Uint32(ext[at:]) }
	header := word(4)
	at, length := header+word(24), word(28) // core_relo_off, core_relo_len
	end := at + length
	for at += 4; at < end; { // a word says how long each is
		name, count := names(word(at)), word(at+4)
		at += 8
		for range count {
			if name == section {
				if err := o.addCORE(word(at)/insnSize, btf.TypeID(word(at+4)), names(word(at+8)), word(at+12)); err != nil {
					return err
				}
			}
			at += 16
		}
	}
	return nil
}

// stringTable returns the strings of .BTF by their offset.
func stringTable(file *elf.File) (func(uint32) string, error) {
	data, err := sectionData(file, ".BTF")
	if err != nil {
		return nil, err
	}
	header, at := binary.LittleEndian.Uint32(data[4:]), binary.LittleEndian.Uint32(data[16:])
	return func(offset uint32) string {
		text, _, _ := strings.Cut(string(data[header+at+offset:]), "\x00")
		return text
	}, nil
}

func sectionData(file *elf.File, name string) ([]byte, error) {
	s := file.Section(name)
	if s == nil {
		return nil, fmt.Errorf("no section %s", name)
	}
	return s.Data()
}

func (o *object) addCORE(insn uint32, id btf.TypeID, accessor string, kind uint32) error {
	r := relocation{kind: kinds[kind]}
	typ, err := o.types.TypeByID(id)
	if err != nil {
		return err
	}
	typ = btf.UnderlyingType(typ)
	r.of = typ.TypeName()
	switch r.kind {
	case "":
		return fmt.Errorf("instruction %d: relocation kind %d of %s", insn, kind, r.of)
	case "fieldOffset", "fieldExists":
		r.path, r.size, err = follow(typ, accessor)
	case "enumExists":
		r.path, err = enumerator(typ, accessor)
	}
	if err != nil {
		return fmt.Errorf("instruction %d: %s %s: %w", insn, r.of, accessor, err)
	}
	o.add(r, int(insn))
	return nil
}

// follow turns an accessor into the names of members, and their last's size.
func follow(typ btf.Type, accessor string) (path string, size uint32, err error) {
	steps := strings.Split(accessor, ":")
	if steps[0] != "0" {
		return "", 0, fmt.Errorf("it is an element of an array")
	}
	for _, step := range steps[1:] {
		n, err := strconv.Atoi(step)
		if err != nil {
			return "", 0, err
		}
		switch t := btf.UnderlyingType(typ).(type) {
		case *btf.Struct:
			path, typ = path+"."+t.Members[n].Name, t.Members[n].Type
		case *btf.Array:
			path, typ = path+"."+strconv.Itoa(n), t.Type
		default:
			return "", 0, fmt.Errorf("%v has no members", t)
		}
	}
	switch t := btf.UnderlyingType(typ).(type) {
	case *btf.Int:
		size = t.Size
	case *btf.Pointer:
		size = 8
	}
	return strings.TrimPrefix(path, "."), size, nil
}

func enumerator(typ btf.Type, accessor string) (string, error) {
	e, ok := typ.(*btf.Enum)
	n, err := strconv.Atoi(accessor)
	if !ok || err != nil {
		return "", fmt.Errorf("no enumerator %s", accessor)
	}
	return e.Values[n].Name, nil
}
