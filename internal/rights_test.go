package internal_test

import (
	"go/ast"
	"slices"
	"testing"
)

// openers are the functions of package os that open or change files by name.
var openers = [...]string{"Open", "OpenFile", "OpenRoot", "OpenInRoot", "Create", "CreateTemp", "ReadFile", "WriteFile",
	"Mkdir", "MkdirAll", "MkdirTemp", "Remove", "RemoveAll", "Rename", "Symlink", "Link", "Truncate", "Chmod"}

// TestCommandsOpenNothingThemselves: files that somebody names are opened with
// the caller's rights, by way of packages that do so.
func TestCommandsOpenNothingThemselves(t *testing.T) {
	for _, f := range product(t) {
		if f.pkg != "internal/cli" || f.path == "internal/cli/packagefiles.go" { // which does it within caller.Do
			continue
		}
		ast.Inspect(f.text, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "os" && slices.Contains(openers[:], sel.Sel.Name) {
				t.Errorf("%s: os.%s has the rights of the program; use caller.Do or atomicfile.Open", f.at(n.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}
