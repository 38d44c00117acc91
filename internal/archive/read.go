package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/report"
)

// maxReport bounds the memory that one report can cost. sockleak writes none
// that comes near: see MaxSockets.
const maxReport = 64 << 20

// Read reads one report and checks that it is what was written under that
// name. The error is a *ReportError.
func (d *Dir) Read(n Name) (*report.Document, error) {
	return d.read(n, report.ParseDocument)
}

// Summary is Read without the sockets, hints and what else follows them: most
// of the bytes of a report, which a trend does not need.
func (d *Dir) Summary(n Name) (*report.Document, error) { return d.read(n, summarize) }

func (d *Dir) read(n Name, decode func([]byte) (*report.Document, error)) (*report.Document, error) {
	file := n.String()
	fail := func(p Problem, err error) (*report.Document, error) {
		return nil, &ReportError{File: file, Problem: p, Err: err}
	}
	raw, problem, err := d.content(file)
	if err != nil || problem != 0 {
		return fail(problem, err)
	}
	if checksum(raw) != n.Sum {
		return fail(damage(raw), nil)
	}
	doc, err := decode(raw)
	if errors.Is(err, report.ErrNewerSchema) {
		return fail(Newer, err)
	}
	if err != nil {
		return fail(Malformed, err)
	}
	if doc.Tool.Name != "sockleak" || SafeHost(doc.Host.Name) != n.Host || !doc.Time.Truncate(time.Microsecond).Equal(n.Time) {
		return fail(Malformed, errors.New("name and content do not match"))
	}
	return doc, nil
}

// summarize decodes the fields of a document up to its sockets.
func summarize(raw []byte) (*report.Document, error) {
	doc := new(report.Document)
	fields := map[string]any{"schema_version": &doc.SchemaVersion, "verdict": &doc.Verdict, "partial": &doc.Partial, "tool": &doc.Tool,
		"time": &doc.Time, "host": &doc.Host, "processes": &doc.Processes, "findings": &doc.Findings}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(err, errors.New("not an object"))
	}
	for dec.More() && len(fields) > 0 {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if name == "sockets" {
			break
		}
		field, wanted := fields[name]
		if !wanted {
			field = new(json.RawMessage)
		}
		delete(fields, name)
		if err := dec.Decode(field); err != nil {
			return nil, err
		}
		if err := report.CheckVersion(doc.SchemaVersion); doc.SchemaVersion != "" && err != nil {
			return nil, err // before types that a newer schema may have changed
		}
	}
	return doc, report.CheckVersion(doc.SchemaVersion)
}

// content reads a whole regular file, with the caller's rights: it may run in
// any goroutine.
func (d *Dir) content(file string) (raw []byte, problem Problem, err error) {
	err = caller.Do(func() error {
		raw, problem, err = d.slurp(file)
		return err
	})
	return raw, problem, err
}

func (d *Dir) slurp(file string) ([]byte, Problem, error) {
	info, err := d.root.Lstat(file) // before opening: a pipe would block
	if err != nil {
		return nil, Unreadable, err
	}
	if !info.Mode().IsRegular() {
		return nil, NotRegular, nil
	}
	if info.Size() > maxReport {
		return nil, TooBig, nil
	}
	f, err := d.root.Open(file)
	if err != nil {
		return nil, Unreadable, err
	}
	defer f.Close()
	raw := make([]byte, info.Size())
	if _, err := io.ReadFull(f, raw); err != nil {
		return nil, Unreadable, err
	}
	return raw, 0, nil
}

// checksum guards against accidents, not against forgery: who may write the
// directory may write anything.
func checksum(raw []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(raw, crc32.MakeTable(crc32.Castagnoli)))
}

// damage tells a report that ends too early from one that was changed.
func damage(raw []byte) Problem {
	err := json.Unmarshal(raw, new(json.RawMessage))
	var syntax *json.SyntaxError
	if len(raw) == 0 || errors.As(err, &syntax) && syntax.Offset >= int64(len(raw)) {
		return Truncated
	}
	return Changed
}
