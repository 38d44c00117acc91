package doctor

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/socket"
)

// sourcePrefix begins the names of the checks of sources.
const sourcePrefix = "source "

// sources tries every source on a listener of our own.
func sources(ctx context.Context, o Options) []Check {
	var list []Check
	l, listenErr := net.Listen("tcp", "127.0.0.1:0")
	if listenErr == nil {
		defer l.Close()
	}
	for _, src := range scan.SourceNames() {
		c := Check{Name: sourcePrefix + src.Name, Gives: "sockets of the targets; the first source that works is used", Fix: []string{src.Why}}
		if listenErr != nil {
			c.Status, c.Found = Limited, "not tried: "+listenErr.Error()
		} else if why := try(ctx, o, src.Name, l.Addr().String()); why != "" {
			c.Status, c.Found = Missing, why
		} else {
			c.Status, c.Found, c.Fix = OK, "found our own listener", nil
		}
		list = append(list, c)
	}
	return list
}

// try looks at our own process with one source; it returns why the listener
// was not found, or "".
func try(ctx context.Context, o Options, source, listener string) string {
	s, err := scan.New(scan.Options{Source: source, Now: o.Now})
	if err != nil {
		return err.Error()
	}
	defer s.Close()
	snap, err := s.Look(ctx, scan.Target{PIDs: []int{os.Getpid()}})
	if err != nil {
		return err.Error()
	}
	for _, sock := range snap.Sockets {
		if sock.State == socket.Listen && sock.Local.String() == listener {
			return ""
		}
	}
	for _, use := range snap.Sources {
		if !use.Used {
			return use.Why
		}
	}
	return fmt.Sprintf("it did not find our own listener %s", listener)
}
