package python

// kind is what is needed of a type.
type kind struct {
	name                string
	size, flags, dictAt uint64
	at                  uint64 // of the type itself
	opaque              bool   // nothing of interest is behind it
}

// Offsets in PyTypeObject, the same from 3.9 to 3.14, and bits of its flags
// (Include/object.h).
const (
	typeSize, typeFlags, typeDict = 32, 168, 288

	flagInlineValues = 1 << 2 // since 3.13
	flagManagedDict  = 1 << 4 // since 3.11
	flagHeapType     = 1 << 9
	flagIsType       = 1 << 31 // a subclass of type: its objects are classes
)

// kind returns the type of an object; nil of what is none.
func (w *walk) kind(object uint64) *kind {
	at, ok := w.in.mem.Uint64(object + w.in.layout.objectType)
	if !ok || at == 0 || at%8 != 0 {
		return nil
	}
	k, seen := w.kinds[at]
	if !seen {
		k = w.readKind(at)
		w.kinds[at] = k
	}
	return k
}

func (w *walk) readKind(at uint64) *kind {
	mem := w.in.mem
	meta, _ := mem.Uint64(at + w.in.layout.objectType)
	metaFlags, ok := mem.Uint64(meta + typeFlags)
	if !ok || metaFlags&flagIsType == 0 {
		return nil
	}
	k := &kind{at: at}
	name, _ := mem.Uint64(at + w.in.layout.typeName)
	k.name, _ = mem.CString(name, 256)
	k.size, _ = mem.Uint64(at + typeSize)
	k.flags, _ = mem.Uint64(at + typeFlags)
	k.dictAt, _ = mem.Uint64(at + typeDict)
	k.opaque = k.flags&flagIsType != 0 // its objects are classes
	if k.name == "" || k.size < 16 || k.size > 1<<20 {
		return nil
	}
	switch k.name {
	case "str", "int", "float", "bool", "bytes", "bytearray", "complex", "NoneType", "module", "code", "function", "builtin_function_or_method",
		"weakref", "weakref.ReferenceType", "mappingproxy", "property", "staticmethod", "classmethod", "member_descriptor", "getset_descriptor",
		"method_descriptor", "wrapper_descriptor", "classmethod_descriptor", "ellipsis", "memoryview", "_abc._abc_data":
		k.opaque = true
	}
	return k
}

// expand visits all that an object refers to.
func (w *walk) expand(s step) {
	k := w.kind(s.object)
	if k == nil || k.opaque {
		return
	}
	// What stands in a container is named by the container.
	item := func(object uint64) { w.visit(w.named(s, object)) }
	mem := w.in.mem
	switch k.name {
	case "dict", "collections.OrderedDict", "collections.defaultdict":
		w.items(s.object, func(key, value uint64) bool {
			item(key)
			item(value)
			return true
		})
	case "list":
		first, _ := mem.Uint64(s.object + 24) // PyListObject.ob_item
		n, _ := mem.Uint64(s.object + 16)
		w.array(first, n, 8, item)
	case "tuple":
		w.tuple(s.object, item)
	case "set", "frozenset":
		last, _ := mem.Uint64(s.object + 32) // PySetObject.mask
		first, _ := mem.Uint64(s.object + 40)
		w.array(first, last+1, 16, item)
	case "collections.deque":
		w.deque(s.object, item)
	case "traceback":
		next, _ := mem.Uint64(s.object + 16) // PyTracebackObject.tb_next
		w.visit(step{object: next, path: s.path, where: s.where, over: s.over})
		frame, _ := mem.Uint64(s.object + 24)
		w.visit(step{object: frame, path: s.path, where: s.where, over: s.over})
	case "frame":
		w.frameObject(s)
	case "generator", "coroutine", "async_generator":
		w.generator(s)
	default:
		w.instance(s, k, item)
	}
}

// named is the step to what an object refers to, which is told by its type.
func (w *walk) named(from step, object uint64) step {
	to := step{object: object, path: from.path, where: from.where, over: from.over}
	if w.wanted[object] || w.seen[object] {
		return to
	}
	k := w.kind(object)
	if k == nil {
		return step{}
	}
	switch k.name {
	case "dict", "list", "tuple", "set", "frozenset", "collections.deque", "frame", "cell", "method":
	default:
		to.path, to.where = from.String()+" > "+k.name, ""
	}
	return to
}

// array visits the words at an address.
func (w *walk) array(at, n, width uint64, item func(object uint64)) {
	for i := range min(n, mostItems) {
		object, ok := w.in.mem.Uint64(at + i*width)
		if !ok {
			return
		}
		if object != 0 {
			item(object)
		}
	}
}

func (w *walk) tuple(at uint64, item func(object uint64)) {
	n, _ := w.in.mem.Uint64(at + 16)
	for i := range min(n, mostItems) {
		object, ok := w.in.mem.Uint64(at + w.in.layout.heap.tuple + 8*i)
		if !ok {
			return
		}
		item(object)
	}
}

// deque goes through the blocks of a collections.deque: a link to the left, 64
// items, a link to the right (Modules/_collectionsmodule.c). What stands outside
// of its indices is left from before.
func (w *walk) deque(at uint64, item func(object uint64)) {
	const items = 64
	left, _ := w.in.mem.Uint64(at + 16) // ob_size
	block, _ := w.in.mem.Uint64(at + 24)
	index, _ := w.in.mem.Uint64(at + 40)
	left = min(left, mostItems)
	for block != 0 && left > 0 && index < items {
		n := min(left, items-index)
		w.array(block+8+8*index, n, 8, item)
		left, index = left-n, 0
		block, _ = w.in.mem.Uint64(block + 8 + 8*items)
	}
}

// instance visits the attributes of an object, and all else that its words may
// point to.
func (w *walk) instance(s step, k *kind, item func(object uint64)) {
	attribute := func(name string, value uint64) {
		to := step{object: value, path: s.path + "." + name, where: s.where, over: s.over}
		w.visit(to)
	}
	w.attributes(s.object, k, attribute)
	const most = 1024
	for at := uint64(16); at+8 <= min(k.size, most); at += 8 {
		if word, ok := w.in.mem.Uint64(s.object + at); ok && word != 0 && word%8 == 0 {
			item(word)
		}
	}
}
