package scan

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// procFS returns the proc file system.
func (src *sockdiagSource) procFS() (procfs.FS, error) {
	if src.proc == nil {
		proc, err := procfs.New(procRoot)
		if err != nil {
			return procfs.FS{}, err
		}
		src.proc = &proc
	}
	return *src.proc, nil
}

// own returns the connection in the scanner's own namespace.
func (src *sockdiagSource) own() (*sockdiag.Conn, error) {
	if c := src.conns[0]; c != nil {
		return c, nil
	}
	c, err := sockdiag.Open()
	if err != nil {
		return nil, err
	}
	src.conns[0] = c
	return c, nil
}

// enter returns a connection in the namespace.
func (src *sockdiagSource) enter(ns namespace) (*sockdiag.Conn, error) {
	if c := src.conns[ns.id]; c != nil {
		return c, nil
	}
	proc, err := src.procFS()
	if err != nil {
		return nil, err
	}
	c, err := ns.enter(proc)
	if err != nil {
		return nil, err
	}
	src.conns[ns.id] = c
	return c, nil
}

// ownNetNS returns the scanner's own namespace; 0 when it is not known.
func (src *sockdiagSource) ownNetNS() uint64 {
	if c, err := src.own(); err == nil {
		return c.NetNS()
	}
	return 0
}

// forNetNS returns a connection in the namespace, entered through a process
// of the snapshot that lives there.
func (src *sockdiagSource) forNetNS(netns uint64, snap *socket.Snapshot) (*sockdiag.Conn, error) {
	own, err := src.own()
	if err != nil || netns == 0 || netns == own.NetNS() {
		return own, err
	}
	for i := range snap.Processes {
		if p := &snap.Processes[i]; p.NetNS == netns {
			return src.enter(namespace{netns, p.ID.PID})
		}
	}
	return nil, fmt.Errorf("no process of the snapshot lives in network namespace %d", netns)
}
