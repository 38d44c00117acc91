package live

// action is what a key does.
type action uint8

const (
	nothing action = iota
	up
	down
	pageUp
	pageDown
	top
	bottom
	open
	back
	filter
	sortNext
	sortReverse
	pause
	explain
	copyCommand
	write
	help
	suspend
	redraw
	quit
)

// binding is an action with its keys and its words. One list serves the keyboard,
// the footer, which can be clicked, and the page of help.
type binding struct {
	action action
	keys   []string // the first is shown
	word   string   // in the footer; "" for what is left out there
	means  string   // on the page of help
}

func bindings() []binding {
	return []binding{
		{down, []string{"j", "down", "ctrl+n"}, "", "down (or the arrow)"},
		{up, []string{"k", "up", "ctrl+p"}, "move", "up (or the arrow)"},
		{open, []string{"enter", "right", "l"}, "open", "open what is under the cursor: a process, a finding, a socket"},
		{back, []string{"esc", "left", "h", "backspace"}, "back", "back to where you came from"},
		{filter, []string{"/"}, "filter", "show only rows that have all of these words; esc shows all again"},
		{sortNext, []string{"s"}, "sort", "sort by the next column (or click its title)"},
		{sortReverse, []string{"S"}, "", "turn the order round"},
		{pause, []string{"space"}, "pause", "hold what is shown; samples are still taken"},
		{explain, []string{"e"}, "explain", "explain the rule of the finding, or the state of the socket"},
		{copyCommand, []string{"c"}, "copy", "copy a command for ss, gdb or sockleak to the clipboard of the terminal (OSC 52)"},
		{write, []string{"w"}, "write", "write the report to a file"},
		{help, []string{"?", "f1"}, "help", "this page"},
		{pageDown, []string{"pgdown", "ctrl+f", "ctrl+d"}, "", "a page down (or the wheel)"},
		{pageUp, []string{"pgup", "ctrl+b", "ctrl+u"}, "", "a page up"},
		{top, []string{"g", "home"}, "", "to the first"},
		{bottom, []string{"G", "end"}, "", "to the last"},
		{redraw, []string{"ctrl+l"}, "", "draw the screen again"},
		{suspend, []string{"ctrl+z"}, "", "stop; fg goes on"},
		{quit, []string{"q", "ctrl+c", "Q"}, "quit", "end: the report is printed, and written where -o says"},
	}
}

// actionOf returns what a key does.
func actionOf(key string) action {
	for _, b := range bindings() {
		for _, k := range b.keys {
			if k == key {
				return b.action
			}
		}
	}
	return nothing
}
