package python

import "encoding/binary"

// Descriptor is a socket that an object is looked for, with the values that
// the object has of it.
type Descriptor struct {
	FD     int32
	Family int32 // AF_*
	Type   int32 // SOCK_*
}

// Object is a socket.socket.
type Object struct {
	Type       string // name of its class
	Closed     bool   // _closed: close() was called
	Files      int    // _io_refs: makefile() objects that are not closed
	References int
}

// Objects looks through memory for the objects of sockets, and calls found with
// each. data was read at the address base. In a PySocketSockObject
// (Modules/socketmodule.h) the descriptor, family, type and protocol follow the
// object's header.
func (in *Interpreter) Objects(data []byte, base uint64, wanted map[int32]Descriptor, found func(fd int32, o Object)) {
	const header, families = 16, 64
	if in.layout.objectType != 8 {
		return // a build without the GIL has another header
	}
	for i := header; i+16 <= len(data); i += 8 {
		word := binary.LittleEndian.Uint64(data[i:])
		if word>>32 >= families || word>>32 == 0 {
			continue
		}
		d, ok := wanted[int32(word)]
		if !ok || int32(word>>32) != d.Family || int32(binary.LittleEndian.Uint32(data[i+8:])) != d.Type {
			continue
		}
		if o, ok := in.object(base + uint64(i) - header); ok {
			found(d.FD, o)
		}
	}
}

// object reads a socket.socket; ok is false for what is none.
func (in *Interpreter) object(at uint64) (o Object, ok bool) {
	const (
		baseSize, baseType = 32, 256 // PyTypeObject.tp_basicsize and tp_base
		mostBases          = 8
		mostReferences     = 1 << 20
	)
	references, ok := in.mem.Uint64(at)
	if !ok || references == 0 || references > mostReferences {
		return o, false // freed, or no object
	}
	o.Type, o.References = in.typeName(at), int(references)
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
