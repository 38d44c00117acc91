package internal_test

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// maxLines is when a file must be split; one half of it is worth a question.
const maxLines = 400

func TestFilesAreSmall(t *testing.T) {
	for _, f := range product(t) {
		if n := f.set.File(f.text.FileStart).LineCount(); n > maxLines {
			t.Errorf("%s has %d lines, more than %d", f.path, n, maxLines)
		}
	}
}

func TestPackagesAreDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range product(t) {
		documented[f.pkg] = documented[f.pkg] || f.text.Doc != nil
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

// TestExportedIsDocumented: of types, functions and methods each, and of a
// group of constants or variables one comment for all of them.
func TestExportedIsDocumented(t *testing.T) {
	for _, f := range product(t) {
		if f.isMain() {
			continue
		}
		for _, decl := range f.text.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s is exported and has no comment", f.at(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				checkGroup(t, &f, d)
			}
		}
	}
}

func checkGroup(t *testing.T, f *file, d *ast.GenDecl) {
	if d.Doc != nil && d.Tok != token.TYPE {
		return
	}
	for _, s := range d.Specs {
		switch spec := s.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && spec.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
				t.Errorf("%s: %s is exported and has no comment", f.at(spec.Pos()), spec.Name.Name)
			}
		case *ast.ValueSpec:
			for _, n := range spec.Names {
				if n.IsExported() && spec.Doc == nil && spec.Comment == nil {
					t.Errorf("%s: %s is exported and has no comment", f.at(n.Pos()), n.Name)
				}
			}
		}
	}
}

// exportedReceiver reports whether others can call the function: it is no
// method, or one of an exported type. Methods that only fulfil an interface
// of the standard library need no words.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	switch d.Name.Name {
	case "Error", "Unwrap", "Is", "String":
		return false
	}
	e := d.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	id, ok := e.(*ast.Ident)
	return ok && id.IsExported()
}

// TestNothingPointsOutside: the product stands alone.
func TestNothingPointsOutside(t *testing.T) {
	const outside = "/" + "shared/"
	for _, f := range product(t) {
		for _, group := range f.text.Comments {
			if strings.Contains(group.Text(), outside) {
				t.Errorf("%s: a comment points to %s", f.at(group.Pos()), outside)
			}
		}
		ast.Inspect(f.text, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.Contains(lit.Value, outside) {
				t.Errorf("%s: points to %s", f.at(n.Pos()), outside)
			}
			return true
		})
	}
}
