//go:build linux

package run

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// shim is what Node.js loads before the program: V8 compiles the program while it
// runs, so that nothing outside of it can name its lines.
//
//go:embed shim.js
var shim []byte

// node is a private folder with the shim, and what it notes.
type node struct {
	dir     string
	cleaner *cleaner
	files   map[string]*nodeFile
	lines   map[uint64]*nodeNote // by inode
}

// nodeFile is what one thread of Node.js has noted.
type nodeFile struct {
	read   int64 // bytes
	stacks map[int][]socket.Frame
}

// nodeNote is a socket that the shim has noted.
type nodeNote struct {
	frames   []socket.Frame
	accepted bool
}

// The text is another's: of no file is more read, nor of more files.
const (
	mostNotes     = 16 << 20
	mostNoteFiles = 4096
	mostNoteLine  = 64 << 10
	mostNoted     = 1 << 18
)

// newNode writes the shim where every user can read it: a program of another one
// than ours would not start without it.
func newNode() (*node, error) {
	dir, err := os.MkdirTemp("", "sockleak-")
	if err != nil {
		return nil, err
	}
	n := &node{dir: dir, files: map[string]*nodeFile{}, lines: map[uint64]*nodeNote{}}
	if n.cleaner, err = newCleaner(dir); err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	err = errors.Join(
		os.Chmod(dir, 0o755),
		os.WriteFile(n.shim(), shim, 0o644),
		os.Mkdir(filepath.Join(dir, "notes"), 0o700),
	)
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *node) shim() string { return filepath.Join(n.dir, "shim.js") }

func (n *node) close() error { return n.cleaner.close() }

// option is what NODE_OPTIONS is to contain (nodejs.org, "Command-line API").
func (n *node) option() string { return "--require=" + strconv.Quote(n.shim()) }

// read reads what has been noted since the last time.
func (n *node) read() {
	list, err := os.ReadDir(filepath.Join(n.dir, "notes"))
	if err != nil {
		return
	}
	for _, e := range list {
		f := n.files[e.Name()]
		if f == nil && len(n.files) < mostNoteFiles {
			f = &nodeFile{stacks: map[int][]socket.Frame{}}
			n.files[e.Name()] = f
		}
		if f != nil && e.Type().IsRegular() {
			n.readFile(f, filepath.Join(n.dir, "notes", e.Name()))
		}
	}
}

func (n *node) readFile(f *nodeFile, path string) {
	file, err := os.Open(path)
	if err != nil {
		return
	}
	defer file.Close()
	r := bufio.NewReaderSize(io.NewSectionReader(file, f.read, mostNotes-f.read), mostNoteLine)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil { // the rest is not yet written
			return
		}
		f.read += int64(len(line))
		n.note(f, line)
	}
}

// note takes in a line.
func (n *node) note(f *nodeFile, line []byte) {
	var text struct {
		Number   int    `json:"number"`
		Stack    string `json:"stack"`
		Inode    uint64 `json:"inode"`
		At       int    `json:"at"`
		Accepted bool   `json:"accepted"`
	}
	switch {
	case json.Unmarshal(line, &text) != nil:
	case text.Stack != "":
		f.stacks[text.Number] = scriptFrames(text.Stack)
	case text.Inode != 0 && len(n.lines) < mostNoted:
		n.lines[text.Inode] = &nodeNote{frames: f.stacks[text.At], accepted: text.Accepted}
	}
}

// scriptFrames reads a stack as V8 writes it (v8.dev/docs/stack-trace-api).
func scriptFrames(stack string) (frames []socket.Frame) {
	const most = 64
	for line := range strings.Lines(stack) {
		place, ok := strings.CutPrefix(strings.TrimSpace(line), "at ")
		if !ok || len(frames) == most {
			continue
		}
		place = strings.TrimPrefix(place, "async ")
		function := "<anonymous>"
		if name, rest, ok := strings.Cut(place, " ("); ok {
			function, place = name, strings.TrimSuffix(rest, ")")
		}
		file, row, ok := scriptPlace(place)
		if !ok {
			continue
		}
		f := socket.Frame{Function: function, File: file, Line: row}
		f.Module, f.Own = scriptModule(file)
		frames = append(frames, f)
	}
	return frames
}

// scriptPlace splits FILE:LINE:COLUMN.
func scriptPlace(place string) (file string, line int, ok bool) {
	rest, _, ok := cutLast(place)
	if !ok {
		return "", 0, false
	}
	file, row, ok := cutLast(rest)
	line, err := strconv.Atoi(row)
	return strings.TrimPrefix(file, "file://"), line, ok && err == nil && line > 0
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// scriptModule tells whose code a file is.
func scriptModule(file string) (module string, own bool) {
	const folder = "/node_modules/"
	switch i := strings.LastIndex(file, folder); {
	case strings.HasPrefix(file, "node:"):
		return "node", false
	case i >= 0:
		parts := strings.SplitN(file[i+len(folder):], "/", 3)
		if strings.HasPrefix(parts[0], "@") && len(parts) > 1 {
			return parts[0] + "/" + parts[1], false
		}
		return parts[0], false
	}
	return "", strings.HasPrefix(file, "/")
}
