// Command docgen writes docs/rules.md from the rules themselves:
//
//	go run ./internal/docgen > docs/rules.md
//
// A test fails while the committed page is another.
package main

import (
	"fmt"
	"os"

	"github.com/sockleak/sockleak/internal/leak/rules"
)

func main() {
	if err := writeRules(os.Stdout, rules.All()); err != nil {
		fmt.Fprintln(os.Stderr, "docgen: write the rules:", err)
		os.Exit(1)
	}
}
