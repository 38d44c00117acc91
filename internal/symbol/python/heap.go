package python

import (
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// Descriptor is a socket that an object is looked for, with the values that
// the object has of it.
type Descriptor struct {
	FD     int32
	Family int32 // AF_*
	Type   int32 // SOCK_*
}

// Object is a socket.socket, or the FileIO of a descriptor.
type Object struct {
	At         uint64 // its address
	Type       string // name of its class
	Closed     bool   // _closed: close() was called
	Files      int    // _io_refs: makefile() objects that are not closed
	References int
}

// fileIO is the type of what os.fdopen() returns, or keeps inside.
const fileIO = "_io.FileIO"

// Objects looks through memory for the objects of sockets, and calls found with
// each. data was read at the address base. In a PySocketSockObject
// (Modules/socketmodule.h) the descriptor, family, type and protocol follow the
// object's header; in a fileio (Modules/_io/fileio.c) the descriptor and its
// flags.
func (in *Interpreter) Objects(data []byte, base uint64, wanted map[int32]Descriptor, found func(fd int32, o Object)) {
	const header, most = 16, 256
	if in.layout.objectType != 8 {
		return // a build without the GIL has another header
	}
	for i := header; i+16 <= len(data); i += 8 {
		word := binary.LittleEndian.Uint64(data[i:])
		if high := word >> 32; high >= most || high == 0 {
			continue
		}
		d, ok := wanted[int32(word)]
		if !ok {
			continue
		}
		at := base + uint64(i) - header
		if int32(word>>32) == d.Family && int32(binary.LittleEndian.Uint32(data[i+8:])) == d.Type {
			if o, ok := in.object(at); ok {
				found(d.FD, o)
				continue
			}
		}
		references, _ := in.mem.Uint64(at)
		if n := references & countBits; n > 0 && n < mostReferences && in.typeName(at) == fileIO {
			found(d.FD, Object{At: at, Type: socket.FileIO, References: int(n)})
		}
	}
}

const (
	mostReferences = 1 << 20
	countBits      = 1<<32 - 1 // of ob_refcnt: what is above are flags since 3.14
)

// object reads a socket.socket; ok is false for what is none.
func (in *Interpreter) object(at uint64) (o Object, ok bool) {
	const (
		baseSize, baseType = 32, 256 // PyTypeObject.tp_basicsize and tp_base
		mostBases          = 8
	)
	references, ok := in.mem.Uint64(at)
	references &= countBits
	if !ok || references == 0 || references > mostReferences {
		return o, false // freed, or no object
	}
	o.At, o.Type, o.References = at, in.typeName(at), int(references)
	kind, _ := in.mem.Uint64(at + in.layout.objectType)
	for range mostBases {
		name, _ := in.mem.Uint64(kind + in.layout.typeName)
		if text, _ := in.mem.CString(name, 64); text == "_socket.socket" {
			size, ok := in.mem.Uint64(kind + baseSize)
			if !ok || size < 32 || size > 256 {
				return o, false
			}
			// The slots of class socket stand behind, in the order of their names.
			closed, ok1 := in.number(at+size, "bool")
			files, ok2 := in.number(at+size+8, "int")
			o.Closed, o.Files = closed != 0, files
			return o, ok1 && ok2
		}
		next, ok := in.mem.Uint64(kind + baseType)
		if !ok || next == 0 {
			break
		}
		kind = next
	}
	return o, false
}

// number reads the small int or bool that the pointer at an address points to.
func (in *Interpreter) number(at uint64, kind string) (int, bool) {
	object, ok := in.mem.Uint64(at)
	if !ok || object == 0 || in.typeName(object) != kind {
		return 0, false
	}
	const digit = 24 // of PyLongObject, in all releases
	v, ok := in.mem.Uint32(object + digit)
	return int(v), ok && v < 1<<20
}
