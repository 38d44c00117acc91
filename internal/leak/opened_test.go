package leak

import (
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestOpenings(t *testing.T) {
	library := socket.Frame{Function: "net.Dial", File: "/usr/local/go/src/net/dial.go", Line: 5, Module: "std"}
	loop := socket.Frame{Function: "TCPServer.get_request", File: "/usr/lib/python3.11/socketserver.py", Line: 505}
	accept := socket.Frame{Function: "socket.accept", File: "/usr/lib/python3.11/socket.py", Line: 294}
	if o := (socket.Origin{Frames: []socket.Frame{accept, loop}}); *o.Library() != loop {
		t.Errorf("%+v; want the loop of the library", o.Library())
	}
	own := func(line int) socket.Frame {
		return socket.Frame{Function: "main.get", File: "example.com/app/pool.go", Line: line, Module: "example.com/app", Own: true}
	}
	opened := func(frames ...socket.Frame) *socket.Socket {
		return &socket.Socket{Origin: &socket.Origin{Call: "socket", Frames: frames}}
	}
	f := Finding{Sockets: []*socket.Socket{
		opened(library, own(7), own(99)), {}, opened(library, own(3)), opened(library, own(3)), opened(library), opened(),
	}}
	list := f.Openings()
	if len(list) != 4 || list[0].Count != 2 || *list[0].Frame != own(3) || *list[1].Frame != own(7) || *list[2].Frame != library || list[3].Frame != nil {
		t.Errorf("openings %+v", list)
	}
	if at := f.OpenedAt(); at == nil || *at != (Location{File: "pool.go", Line: 3}) {
		t.Errorf("opened at %+v; want pool.go:3", at)
	}
	absolute := socket.Frame{Function: "get", File: "/srv/pool.py", Line: 3, Own: true}
	if at := (&Finding{Sockets: []*socket.Socket{opened(absolute)}}).OpenedAt(); at == nil || at.File != "/srv/pool.py" {
		t.Errorf("opened at %+v; want /srv/pool.py", at)
	}
	f.Sockets = f.Sockets[4:]
	if at := f.OpenedAt(); at != nil {
		t.Errorf("opened at %+v; a library's line is not the one to look at", at)
	}
	f.Sockets = nil
	if list := f.Openings(); len(list) != 0 || f.OpenedAt() != nil {
		t.Errorf("openings %+v of no socket", list)
	}
}
