package settings

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
)

// FileName is the name of the file that is looked for in the working
// directory.
const FileName = ".sockleak.yaml"

// Settings are what a settings file says.
type Settings struct {
	Thresholds leak.Settings // those that the file does not name are leak.Defaults
	Ignores    []leak.Ignore
}

// maxSize is the largest file that is read: a settings file is written by
// hand.
const maxSize = 1 << 20

// Read reads the file with that name; the error wraps fs.ErrNotExist when
// there is none. What is wrong in the file is an error of one line that
// begins with its name and the number of the line. known reports whether a
// pattern matches any rule.
func Read(name string, known func(rule string) bool) (*Settings, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for a writer
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, err
	}
	return Parse(data, name, known)
}

// Parse is Read for a file that has been read already.
func Parse(data []byte, name string, known func(rule string) bool) (*Settings, error) {
	if len(data) > maxSize {
		return nil, fmt.Errorf("%s: more than %d bytes; this cannot be a settings file", name, maxSize)
	}
	f, lines, err := decode(data)
	if err != nil {
		return nil, explain(name, err)
	}
	s := &Settings{Thresholds: leak.Defaults()}
	f.Thresholds.apply(&s.Thresholds)
	for i := range f.Ignore {
		entry, err := f.Ignore[i].entry(name, lines[i], known)
		if err != nil {
			return nil, explain(name, err)
		}
		s.Ignores = append(s.Ignores, entry)
	}
	return s, nil
}

// entry checks an entry that begins at the line of the file.
func (i *ignore) entry(name string, line int, known func(string) bool) (leak.Ignore, error) {
	out := leak.Ignore{
		Rule: i.Rule, Process: string(i.Process), Port: uint16(i.Port), Until: time.Time(i.Until),
		Fingerprint: string(i.Fingerprint), Sockets: int(i.Sockets),
		Reason: strings.Join(strings.Fields(i.Reason), " "),
		From:   fmt.Sprintf("%s:%d", name, line), At: &leak.Location{File: name, Line: line},
	}
	if i.Peer != nil {
		p := leak.PeerPattern(*i.Peer)
		out.Peer = &p
	}
	// An entry for one finding with so many sockets is bounded by itself.
	bounded := out.Fingerprint != "" && out.Sockets > 0
	wrong := ""
	switch {
	case i.Rule == "":
		wrong = "this ignore has no rule; sockleak explain lists them, and '*' is all"
	case !known(i.Rule):
		wrong = fmt.Sprintf("no rule is called %q; sockleak explain lists them", i.Rule)
	case out.Reason == "" && !bounded:
		wrong = "this ignore has no reason; say why the finding is accepted"
	case out.Until.IsZero() && !bounded:
		wrong = "this ignore has no until; give the last day on which it applies, such as until: 2026-12-31"
	}
	if wrong != "" {
		return out, &lineError{line, errors.New(wrong)}
	}
	return out, nil
}
