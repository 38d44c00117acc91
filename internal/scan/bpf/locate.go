//go:build linux

package bpf

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// found is a field with its place on this kernel.
type found struct {
	field
	place
	alternate int // which of the paths it is; -1 when there is none
}

// locate looks every field up, once.
func locate(kernel *btf) []found {
	table := fields()
	list := make([]found, 0, len(table))
	for _, f := range table {
		item := found{field: f, alternate: -1}
		for i, path := range f.paths {
			if p, ok := kernel.find(f.from.String(), path); ok && p.size == f.size {
				item.place, item.alternate = p, i
				break
			}
		}
		list = append(list, item)
	}
	return list
}

// copyFields loads the fields of the object in from into the record. It
// uses r1.
func (b *builder) copyFields(o object, from, rec reg) {
	for _, f := range b.fields {
		switch {
		case f.from != o:
		case f.alternate < 0 && f.needed():
			b.absent = append(b.absent, o.String()+"."+f.paths[0])
		case f.alternate < 0:
			b.lose(o, f.facts, o.String()+"."+f.paths[0])
		default:
			b.load(f.field.size, r1, from, f.offset)
			b.store(f.field.size, rec, int16(f.to), r1)
		}
	}
}

// needed reports whether a record is worth nothing without the field.
func (f *field) needed() bool {
	switch int16(f.to) {
	case offInode, offFamily, offType, offProtocol, offState:
		return true
	}
	return false
}

// lose notes that something is missing, and which facts go with it.
func (b *builder) lose(o object, facts socket.Facts, what string) {
	b.lost[o.whole()] |= facts
	if !slices.Contains(b.missing, what) {
		b.missing = append(b.missing, what)
	}
}

// countedRefs reports whether the file's reference count starts at one, as
// f_count did. f_ref, which replaced it, starts at zero.
func (b *builder) countedRefs() bool {
	return slices.ContainsFunc(b.fields, func(f found) bool {
		return f.facts == socket.HasShared && f.alternate == 1
	})
}
