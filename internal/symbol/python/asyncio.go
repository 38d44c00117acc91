package python

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// Loop is an event loop of asyncio that a thread runs.
type Loop struct {
	at   uint64
	walk walk
	keys map[int32]uint64 // SelectorKey objects by descriptor
}

// Loop returns the event loop that a thread runs, by the address of its state;
// nil where it runs none, or one of another library.
func (in *Interpreter) Loop(thread uint64) *Loop {
	if in.layout.objectType != 8 {
		return nil // a build without the GIL has another header
	}
	var l *Loop
	in.frames(thread, func(at uint64) bool {
		if f, ok := in.frame(at); ok && f.Module == "std" && runsOnce(f.Function) {
			self, _ := in.mem.Uint64(at + in.layout.heap.locals)
			l = &Loop{at: self &^ tag, walk: walk{in: in, kinds: map[uint64]*kind{}, seen: map[uint64]bool{}}}
		}
		return l == nil
	})
	if l != nil {
		l.read()
	}
	return l
}

// runsOnce reports whether a function is that of asyncio's loops which waits for
// events: until 3.10 only its plain name is known.
func runsOnce(function string) bool {
	return function == "BaseEventLoop._run_once" || function == "_run_once"
}

// read notes what the loop's selector has registered: _fd_to_key of
// selectors.py, a dict of SelectorKey by descriptor.
func (l *Loop) read() {
	l.keys = map[int32]uint64{}
	registered := l.walk.attribute(l.walk.attribute(l.at, "_selector"), "_fd_to_key")
	if k := l.walk.kind(registered); k == nil || k.name != "dict" {
		return
	}
	l.walk.items(registered, func(fd, key uint64) bool {
		const digit = 24 // of PyLongObject, in all releases
		if v, ok := l.walk.in.mem.Uint32(fd + digit); ok && l.walk.in.typeName(fd) == "int" {
			l.keys[int32(v)] = key
		}
		return true
	})
}

// Owner returns whose a descriptor is that the loop waits for: a task with its
// stack, the innermost function first, or the class of a protocol. Both are empty
// where that is not known.
func (l *Loop) Owner(fd int32) (protocol string, task []socket.Frame) {
	const handles = 3 // of SelectorKey: data, the handles of the reader and the writer
	w := &l.walk
	tuple, _ := w.in.mem.Uint64(l.keys[fd] + w.in.layout.heap.tuple + 8*handles)
	if k := w.kind(tuple); k == nil || k.name != "tuple" {
		return "", nil
	}
	clear(w.seen)
	w.seen[l.at] = true // all else can be reached through it
	w.tuple(tuple, func(handle uint64) {
		if k := w.kind(handle); k == nil || k.name != "Handle" || len(task) > 0 {
			return
		}
		for _, object := range w.words(handle) {
			switch w.kind(object).name {
			case "method": // of a transport, im_self
				transport, _ := w.in.mem.Uint64(object + 24)
				if at := w.attribute(transport, "_protocol"); at != 0 {
					protocol, task = w.in.typeName(at), w.task(at)
				}
			case "tuple": // the arguments: a future of loop.sock_recv()
				task = w.task(object)
			}
			if len(task) > 0 {
				return
			}
		}
	})
	return protocol, task
}

// attribute returns an attribute of an object, 0 for none.
func (w *walk) attribute(object uint64, name string) (value uint64) {
	k := w.kind(object)
	if object == 0 || k == nil {
		return 0
	}
	w.attributes(object, k, func(n string, v uint64) {
		if n == name {
			value = v
		}
	})
	return value
}

// words returns the objects that the words of an object point to: its slots, and
// the members of one of C.
func (w *walk) words(object uint64) (list []uint64) {
	const most = 512
	k := w.kind(object)
	if k == nil {
		return nil
	}
	for at := uint64(16); at+8 <= min(k.size, most); at += 8 {
		if word, ok := w.in.mem.Uint64(object + at); ok && word != 0 && word%8 == 0 && w.kind(word) != nil {
			list = append(list, word)
		}
	}
	return list
}

// task looks for the nearest task that an object refers to or that waits for it,
// and returns its stack.
func (w *walk) task(from uint64) []socket.Frame {
	const most = 200
	queue := []uint64{from}
	add := func(object uint64) {
		if object != 0 && !w.seen[object] && len(queue) < most {
			w.seen[object] = true
			queue = append(queue, object)
		}
	}
	for i := 0; i < len(queue); i++ {
		object := queue[i]
		k := w.kind(object)
		if k == nil {
			continue
		}
		switch k.name {
		case "_asyncio.Task", "Task":
			return w.in.coroutine(w.words(object))
		case "weakref", "weakref.ReferenceType", "weakref.KeyedRef", "ReferenceType":
			target, _ := w.in.mem.Uint64(object + 16)
			add(target)
			continue
		case "tuple":
			w.tuple(object, add)
			continue
		case "builtin_function_or_method", "_asyncio.TaskWakeupMethWrapper", "TaskWakeupMethWrapper", "TaskStepMethWrapper", "_asyncio.Future", "Future",
			"list", "method":
		default:
			if k.opaque || k.flags&flagHeapType == 0 {
				continue
			}
			w.attributes(object, k, func(name string, value uint64) {
				if name != "_server" && name != "_loop" { // others' tasks are behind them
					add(value)
				}
			})
			continue
		}
		if k.name == "list" {
			first, _ := w.in.mem.Uint64(object + 24)
			n, _ := w.in.mem.Uint64(object + 16)
			w.array(first, n, 8, add)
			continue
		}
		for _, word := range w.words(object) {
			add(word)
		}
	}
	return nil
}

// coroutine returns the stack of the first coroutine among the objects.
func (in *Interpreter) coroutine(objects []uint64) (frames []socket.Frame) {
	for _, at := range objects {
		if in.typeName(at) != "coroutine" {
			continue
		}
		for len(frames) < mostFrames && suspends(in.typeName(at)) {
			frame := in.generatorFrame(at)
			f, ok := in.frame(frame)
			if !ok {
				break
			}
			frames = append(frames, f)
			at = in.awaited(frame)
		}
		break
	}
	slices.Reverse(frames)
	return frames
}
