// Package internal_test holds the house rules: what ARCHITECTURE.md promises
// of every package, read from the source of all systems at once.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/sockleak/sockleak/"

// file is one Go file of the product, whatever system it is built for.
type file struct {
	path string // from the root of the repository
	pkg  string // its directory
	text *ast.File
	set  *token.FileSet
}

// at names a place for a message.
func (f *file) at(p token.Pos) token.Position { return f.set.Position(p) }

// product returns all Go files but the tests, the test programs, and the
// modules below tools and kubectl, which do not import the product.
func product(t *testing.T) []file {
	var list []file
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != ".." && (d.Name() == "testdata" || d.Name() == "tools" || d.Name() == "kubectl" || d.Name()[0] == '.') {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		rel := strings.TrimPrefix(filepath.ToSlash(name), "../")
		list = append(list, file{path: rel, pkg: path.Dir(rel), text: text, set: set})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 100 {
		t.Fatalf("only %d files: the walk went wrong", len(list))
	}
	return list
}

// isMain reports whether the file belongs to a command.
func (f *file) isMain() bool { return f.text.Name.Name == "main" }
