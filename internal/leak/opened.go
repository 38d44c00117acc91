package leak

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Opening is a place in the code at which sockets of a finding were opened.
type Opening struct {
	Origin *socket.Origin // of one of them
	// Frame is the innermost frame of the program's own code; without such a
	// library's, see socket.Origin.Library; nil where no frame is known.
	Frame *socket.Frame
	Count int
	Tests []string // that they were opened by, in the order of the sockets
}

// Openings returns where the finding's sockets were opened, the most frequent
// place first. Sockets of which a tracer saw nothing are left out.
func (f *Finding) Openings() []Opening { return OpeningsOf(f.Sockets) }

// OpeningsOf returns where sockets were opened, as Finding.Openings does.
func OpeningsOf(sockets []*socket.Socket) []Opening {
	var list []Opening
	at := map[socket.Frame]int{}
	for _, s := range sockets {
		if s.Origin == nil {
			continue
		}
		frame := s.Origin.Own()
		if frame == nil {
			frame = s.Origin.Library()
		}
		var key socket.Frame
		if frame != nil {
			key = *frame
		}
		i, seen := at[key]
		if !seen {
			i = len(list)
			at[key] = i
			list = append(list, Opening{Origin: s.Origin, Frame: frame})
		}
		list[i].Count++
		if test := s.Origin.Test(); test != "" && !slices.Contains(list[i].Tests, test) {
			list[i].Tests = append(list[i].Tests, test)
		}
	}
	slices.SortStableFunc(list, func(a, b Opening) int { return cmp.Compare(b.Count, a.Count) })
	return list
}

// OpenedAt returns the line that opened most of the finding's sockets; nil where
// it is not known, or not of the program's own code.
func (f *Finding) OpenedAt() *Location {
	list := f.Openings()
	if len(list) == 0 || list[0].Frame == nil || !list[0].Frame.Own || list[0].Frame.File == "" || list[0].Frame.Line <= 0 {
		return nil
	}
	at := list[0].Frame
	file := at.File
	if at.Module != "" { // go build -trimpath writes the module in place of its directory
		file = strings.TrimPrefix(file, at.Module+"/")
	}
	return &Location{File: file, Line: at.Line}
}
