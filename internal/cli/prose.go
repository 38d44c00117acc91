package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/sockleak/sockleak/internal/words"
)

// textWidth is how wide text to read is: as wide as the terminal, but lines of
// more than 100 columns are hard to follow. It is 0 without a terminal.
func (e Env) textWidth() int {
	width, _ := terminal(e.Stdout)
	return min(width, 100)
}

// prose is text to read below coloured heads.
type prose struct {
	strings.Builder
	width int // 0 is no limit
	paint func(sgr, text string) string
}

// plainText is the paint of text without colours.
func plainText(_, text string) string { return text }

func (e Env) prose() *prose { return &prose{width: e.textWidth(), paint: e.painter()} }

// head begins a section.
func (p *prose) head(text string) { fmt.Fprintf(p, "\n%s\n", p.paint(words.Bold, text)) }

// row writes a text behind a label that takes so many columns, wrapped; below it
// where the terminal is too narrow for that.
func (p *prose) row(sgr, label string, column int, text string) {
	const narrow = 20
	if p.width > 0 && p.width-column < narrow && column > 4 {
		fmt.Fprintf(p, "%s\n", p.paint(sgr, label))
		label, column = "", 6
	}
	for i, line := range words.Wrap(text, p.width-column) {
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(p, "%s%s%s\n", p.paint(sgr, label), strings.Repeat(" ", max(column-words.Width(label), 0)), line)
	}
}

// command writes what can be copied, behind a label: it is not wrapped.
func (p *prose) command(label string, column int, text string) {
	fmt.Fprintf(p, "%s%s\n", p.paint(words.Dim, label)+strings.Repeat(" ", max(column-len(label), 0)), text)
}

// bullet writes one line of a list, wrapped.
func (p *prose) bullet(text string) { p.row("", "  -", 4, text) }

// section writes a text below its head.
func (p *prose) section(head, text string) {
	p.head(head)
	p.row("", "", 2, text)
}

// to writes what was collected.
func (p *prose) to(w io.Writer) error {
	_, err := io.WriteString(w, p.String())
	return err
}
