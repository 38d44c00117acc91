package python

import "path"

// Reference is a place that refers to an object, found by following the
// references from the variables of the program's own modules and from the
// local variables of the functions that run.
type Reference struct {
	// Path leads from a variable to the object, such as "registry.seen in
	// app.py"; what it names is the program's, and untrusted.
	Path string
	// Over is true of a local variable of a function that has ended: only the
	// traceback of an exception, or whoever has its frame, keeps it.
	Over bool
}

// References are those of one object.
type References struct {
	List  []Reference // the nearest first, a few
	Count int         // how many were found
	Over  int         // how many of those are local variables of functions that have ended
}

const (
	mostNodes   = 30_000 // objects that are looked into
	mostItems   = 4096   // of one object
	mostListed  = 3      // references that are named of one object
	longestPath = 200    // characters
)

// References follows the program's references until it has looked into
// mostNodes objects, and returns which lead to the wanted ones.
func (in *Interpreter) References(wanted map[uint64]bool) map[uint64]*References {
	w := walk{in: in, wanted: wanted, found: map[uint64]*References{}, seen: map[uint64]bool{}, kinds: map[uint64]*kind{}}
	w.modules()
	w.threads(true)
	w.follow()
	w.threads(false)
	w.follow()
	return w.found
}

// walk goes through the objects of a program, nearest first.
type walk struct {
	in     *Interpreter
	wanted map[uint64]bool
	found  map[uint64]*References
	seen   map[uint64]bool
	kinds  map[uint64]*kind
	queue  []step
	next   int // of the queue
}

// step is an object with the way that leads to it.
type step struct {
	object uint64
	path   string
	where  string // of the variable that the path begins with
	over   bool
}

func (s step) String() string { return s.path + s.where }

// visit notes an object that something refers to.
func (w *walk) visit(s step) {
	if w.wanted[s.object] {
		refs := w.found[s.object]
		if refs == nil {
			refs = &References{}
			w.found[s.object] = refs
		}
		refs.Count++
		if s.over {
			refs.Over++
		}
		if len(refs.List) < mostListed {
			refs.List = append(refs.List, Reference{s.String(), s.over})
		}
		return
	}
	if s.object == 0 || s.object%8 != 0 || w.seen[s.object] || len(w.queue) >= mostNodes || len(s.path) > longestPath {
		return
	}
	w.seen[s.object] = true
	w.queue = append(w.queue, s)
}

func (w *walk) follow() {
	for ; w.next < len(w.queue); w.next++ {
		w.expand(w.queue[w.next])
	}
}

// modules begins with the variables of the program's own modules.
func (w *walk) modules() {
	w.in.eachInterpreter(func(interpreter uint64) {
		all, _ := w.in.mem.Uint64(interpreter + w.in.layout.heap.modules)
		w.dict(all, func(name string, module uint64) {
			if k := w.kind(module); k == nil || k.name != "module" {
				return
			}
			const dict = 16 // PyModuleObject.md_dict
			variables, _ := w.in.mem.Uint64(module + dict)
			if file, own := w.file(variables); own || name == "__main__" {
				where := ""
				if file != "" {
					where = " in " + path.Base(file)
				}
				w.seen[variables] = true // functions and frames refer to it as their globals
				w.dict(variables, func(name string, value uint64) {
					if name != "__builtins__" {
						w.visit(step{object: value, path: name, where: where})
					}
				})
			}
		})
	})
}

// file returns the file of a module by its variables: __file__ is among the
// first that a module has.
func (w *walk) file(variables uint64) (file string, own bool) {
	const early = 12
	n := 0
	w.items(variables, func(key, value uint64) bool {
		if n++; file == "" && w.in.text(key) == "__file__" {
			file = w.in.text(value)
		}
		return n < early && file == ""
	})
	if file == "" {
		return "", false
	}
	_, own = whose(file)
	return file, own
}

// threads begins with the local variables of the functions that run: those of
// the program's own code, or the others.
func (w *walk) threads(own bool) {
	w.in.eachThread(func(state uint64) {
		w.in.frames(state, func(at uint64) bool {
			if f, ok := w.in.frame(at); ok && f.Own == own {
				w.locals(at, step{}, false)
			}
			return true
		})
	})
}
