package words

import "strings"

// Wrap breaks text at blanks so that no line is longer than width, where
// that is possible. Widths below 20 leave the text as it is.
func Wrap(text string, width int) []string {
	if width < 20 || len(text) <= width {
		return []string{text}
	}
	var lines []string
	var line strings.Builder
	for word := range strings.FieldsSeq(text) {
		if line.Len() > 0 && line.Len()+1+len(word) > width {
			lines = append(lines, line.String())
			line.Reset()
		}
		if line.Len() > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(word)
	}
	return append(lines, line.String())
}
