//go:build linux

package proc

import (
	"bytes"
	"errors"
	"os"
	"strconv"

	"github.com/sockleak/sockleak/internal/socket"
)

// Epolls is what the epoll sets of a process watch.
type Epolls struct {
	Watches []socket.EpollWatch
	// IOURing is true when the process has an io_uring(7), through which it
	// may wait for descriptors that nothing in /proc shows.
	IOURing bool
}

// Epolls reads the registrations in all epoll sets of the process from the
// tfd lines of /proc/PID/fdinfo. Another user's process needs the rights that
// [FS.Descriptors] needs. While the kernel prints a set it holds the set's
// lock, so that a set of many thousands delays the process by microseconds
// each. Sets that are closed meanwhile are left out. What is returned with an
// error is incomplete.
//
// A registration outlives its descriptor number when the file is still open
// elsewhere (epoll(7)): the inode, not FD, says which socket is watched.
func (fs FS) Epolls(pid int) (Epolls, error) {
	start, err := fs.Start(pid)
	if err != nil {
		return Epolls{}, err
	}
	var found Epolls
	err = fs.anyThread(pid, func(dir string) (bool, error) {
		var sets []int32
		total, err := fs.descriptors(dir, func(d Descriptor) {
			found.IOURing = found.IOURing || d.Kind == IOURing
			if d.Kind == Epoll {
				sets = append(sets, d.FD)
			}
		})
		return total > 0, errors.Join(err, found.readAll(dir, socket.ProcessID{PID: pid, Start: start}, sets))
	})
	return found, err
}

// EpollSets is Epolls where [FS.Descriptors] has already told which of the
// process's descriptors are epoll sets: to find them takes as long as to find
// its sockets. One that is closed or something else by now has no
// registrations.
func (fs FS) EpollSets(id socket.ProcessID, sets []int32) (Epolls, error) {
	var found Epolls
	if len(sets) == 0 {
		return found, nil
	}
	err := fs.anyThread(id.PID, func(dir string) (bool, error) {
		err := found.readAll(dir, id, sets)
		return len(found.Watches) > 0, err
	})
	return found, err
}

// readAll appends the registrations of the sets of the thread with the directory.
func (e *Epolls) readAll(dir string, id socket.ProcessID, sets []int32) (err error) {
	for _, set := range sets {
		template := socket.EpollWatch{Process: id, EpollFD: set}
		err = errors.Join(err, e.read(dir+"/fdinfo/"+strconv.Itoa(int(set)), template))
	}
	return err
}

// read appends the registrations of one epoll set, which complete template.
func (e *Epolls) read(path string, template socket.EpollWatch) error {
	err := eachLineOf(path, func(n int, line []byte) error {
		if !bytes.HasPrefix(line, []byte("tfd:")) {
			return nil
		}
		watch := template
		if !parseTFD(line, &watch) {
			return &ParseError{Path: path, Line: n, Why: "malformed tfd line"}
		}
		e.Watches = append(e.Watches, watch)
		return nil
	})
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// parseTFD parses one registration, "tfd: 3 events: 19 data: 3 pos:0 ino:2675
// sdev:9", where all but tfd and pos are hexadecimal (ep_show_fdinfo in
// fs/eventpoll.c).
func parseTFD(line []byte, watch *socket.EpollWatch) bool {
	var fields [9][]byte
	if !splitFields(line, fields[:]) {
		return false
	}
	inode, hasInode := bytes.CutPrefix(fields[7], []byte("ino:"))
	fd, okFD := parseUint(fields[1], 10)
	events, okEvents := parseUint(fields[3], 16)
	data, okData := parseUint(fields[5], 16)
	var okInode bool
	watch.Inode, okInode = parseUint(inode, 16)
	watch.FD, watch.Events, watch.Data = int32(fd), uint32(events), data
	return hasInode && okFD && okEvents && okData && okInode && fd <= 1<<31-1 && events <= 1<<32-1
}
