package socket

// Object is what a program's language knows of a socket: an object on its heap
// that refers to the descriptor. It is read out of the process's memory, of
// CPython only.
type Object struct {
	Process ProcessID
	Type    string // of the object, such as socket or SSLSocket; untrusted
	// Closed is true when close() was called on it. The descriptor is still
	// open then because Files objects that makefile() has made use it.
	Closed     bool
	Files      int // objects of makefile() that are not closed
	References int // how often the object is referred to (ob_refcnt)
	// Held are some of those who refer to it, by the variable from which the
	// reference was found, such as "registry.seen in app.py"; untrusted.
	Held []string
	// Ended is true when all that refers to it are local variables of functions
	// that have ended: the traceback of an exception keeps them.
	Ended bool
}

// FileIO is the Type of an Object that is no socket, but a file object with a
// descriptor of its own, as os.fdopen(os.dup(fd)) returns it.
const FileIO = "FileIO"
