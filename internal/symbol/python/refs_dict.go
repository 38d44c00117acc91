package python

// attributes calls do with each attribute of an object.
func (w *walk) attributes(object uint64, k *kind, do func(name string, value uint64)) {
	mem, h := w.in.mem, &w.in.layout.heap
	managed := k.flags&flagManagedDict != 0
	if !managed || h.attributes == inDict {
		if k.dictAt > 0 && k.dictAt < k.size {
			dict, _ := mem.Uint64(object + k.dictAt)
			w.seen[dict] = true
			w.dict(dict, do)
		}
		return
	}
	var dict, values uint64
	word, _ := mem.Uint64(object - 24)
	switch h.attributes {
	case beforeSplit:
		dict = word
		values, _ = mem.Uint64(object - 32)
	case beforeTagged:
		if dict = word; word&1 != 0 {
			dict, values = 0, word+1
		}
	case inline:
		if dict = word; dict == 0 && k.flags&flagInlineValues != 0 {
			values = object + k.size
		}
	}
	if dict != 0 {
		w.seen[dict] = true
		w.dict(dict, do)
		return
	}
	if values != 0 && k.flags&flagHeapType != 0 {
		keys, _ := mem.Uint64(k.at + h.cachedKeys)
		w.entries(keys, values, w.names(do))
	}
}

// names makes a visitor of variables out of one of keys and values.
func (w *walk) names(do func(name string, value uint64)) func(key, value uint64) bool {
	return func(key, value uint64) bool {
		if name := w.in.text(key); name != "" {
			do(name, value)
		}
		return true
	}
}

// dict calls do with what a dict holds under names.
func (w *walk) dict(dict uint64, do func(name string, value uint64)) { w.items(dict, w.names(do)) }

// items calls do with the keys and values of a dict until it returns false.
func (w *walk) items(dict uint64, do func(key, value uint64) bool) {
	keys, _ := w.in.mem.Uint64(dict + 32) // PyDictObject.ma_keys
	values, _ := w.in.mem.Uint64(dict + 40)
	if keys != 0 && dict != 0 {
		w.entries(keys, values, do)
	}
}

// entries goes through the entries of a PyDictKeysObject. In a split table,
// which the objects of a class share, the values are elsewhere.
func (w *walk) entries(keys, values uint64, do func(key, value uint64) bool) {
	mem := w.in.mem
	const (
		general = 0 // DICT_KEYS_GENERAL
		split   = 2 // DICT_KEYS_SPLIT
		deepest = 40
	)
	var n, first, width uint64
	if w.in.layout.lines != locations { // until 3.10
		size, _ := mem.Uint64(keys + 8)
		n, _ = mem.Uint64(keys + 32)
		index := uint64(1) // bytes of an index
		switch {
		case size > 1<<deepest:
			return
		case size > 0xffffffff:
			index = 8
		case size > 0xffff:
			index = 4
		case size > 0xff:
			index = 2
		}
		first, width = keys+40+size*index, 24
	} else {
		head, ok := mem.Bytes(keys+8, 3, 3)
		if !ok || head[1] > deepest {
			return
		}
		n, _ = mem.Uint64(keys + 24)
		first, width = keys+32+1<<head[1], 16
		switch head[2] {
		case general:
			width = 24
		case split:
		default:
			values = 0
		}
	}
	for i := range min(n, mostItems) {
		at := first + i*width + width - 16
		key, ok := mem.Uint64(at)
		value, ok2 := mem.Uint64(at + 8)
		if values != 0 {
			value, ok2 = mem.Uint64(values + w.in.layout.heap.values + 8*i)
		}
		if !ok || !ok2 {
			return
		}
		if key != 0 && value != 0 && !do(key, value) {
			return
		}
	}
}
