package internal_test

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// variables are the package variables that are neither errors, nor embedded
// files, nor arrays, and why they may be.
var variables = map[string]string{
	"internal/cli.version": "the linker writes it (.goreleaser.yaml)",
}

// TestNoState: no package keeps state, so tests can run side by side and a
// function does what its arguments say.
func TestNoState(t *testing.T) {
	for _, f := range product(t) {
		for _, decl := range f.text.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s: init() runs behind everybody's back; call it from where it is needed", f.at(d.Pos()))
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					checkVariables(t, &f, d)
				}
			}
		}
	}
}

func checkVariables(t *testing.T, f *file, d *ast.GenDecl) {
	for _, s := range d.Specs {
		spec := s.(*ast.ValueSpec)
		for i, name := range spec.Names {
			id := f.pkg + "." + name.Name
			if name.Name == "_" || variables[id] != "" || embedded(d, spec) || i < len(spec.Values) && constant(spec.Values[i]) {
				continue
			}
			t.Errorf("%s: %s is a package variable; make it a constant, an array or a function", f.at(name.Pos()), id)
		}
	}
}

func embedded(d *ast.GenDecl, spec *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{d.Doc, spec.Doc} {
		if doc == nil {
			continue
		}
		for _, line := range doc.List {
			if strings.HasPrefix(line.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}

// constant reports whether the value would be a constant if Go had constants
// of its kind: an error, or an array, which cannot grow and is copied.
func constant(e ast.Expr) bool {
	switch v := e.(type) {
	case *ast.CallExpr:
		called := name(v.Fun)
		return called == "errors.New" || called == "fmt.Errorf"
	case *ast.CompositeLit:
		array, ok := v.Type.(*ast.ArrayType)
		return ok && array.Len != nil
	}
	return false
}

// name returns "package.Name" for such an expression.
func name(e ast.Expr) string {
	if sel, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := sel.X.(*ast.Ident); ok {
			return x.Name + "." + sel.Sel.Name
		}
	}
	return ""
}

// places are where alone a function of the standard library may be named,
// besides package main. Deferred work is lost where a program ends itself.
var places = map[string][]string{
	"os.Exit": {"sockleaktest/testmain.go", "internal/testkit/child_linux.go"}, // for TestMain
	"time.Now": {
		"internal/testkit/testkit.go", // waits in tests
		"internal/cli/env.go",         // all that is seen and judged gets its time from here
		"internal/supervise/tree.go",  // waits for processes to end
		"sockleaktest/find.go",        // waits for sockets to be closed
	},
	"log.Fatal":   nil,
	"log.Fatalf":  nil,
	"log.Fatalln": nil,
	"log.Panic":   nil,
}

func TestNamedInItsPlaceOnly(t *testing.T) {
	for _, f := range product(t) {
		if f.isMain() {
			continue
		}
		ast.Inspect(f.text, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			allowed, listed := places[name(sel)]
			for _, p := range allowed {
				listed = listed && p != f.path
			}
			if listed {
				t.Errorf("%s: %s is not for this place", f.at(n.Pos()), name(sel))
			}
			return true
		})
	}
}
