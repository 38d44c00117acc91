package words

// SGR parameters of ECMA-48, as every terminal knows them.
const (
	Bold   = "1"
	Dim    = "2"
	Red    = "1;31"
	Green  = "32"
	Yellow = "33"
	Cyan   = "36"
)

// Paint colours clean text where that is wanted. It comes after measuring:
// escapes have no width.
func Paint(on bool, sgr, text string) string {
	if !on || sgr == "" || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}
