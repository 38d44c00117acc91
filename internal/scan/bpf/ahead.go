//go:build linux

package bpf

import (
	"slices"

	"golang.org/x/sys/unix"
)

// cacheLine is how much memory a processor fetches at once.
const cacheLine = 64

// How many descriptors further the program begins to fetch a file, a socket
// and a sock.
const (
	filesAhead   = 8
	socketsAhead = 5
	socksAhead   = 2
)

// ahead touches the memory of the sockets that come next in the table of
// descriptors, so that it is on its way while this one is described. A socket
// is a chain of structs, each of which has to arrive before the next is known,
// and of thousands of sockets hardly one is in the processor's caches: of each
// of the next few descriptors it goes one step further than the time before.
//
// What it reads it forgets. It goes nowhere that the walk would not go a
// little later: not past the end of the table, and from a file or a sock only
// if it is of the kind that it takes it for.
//
// r0 is the task, r7 the file's operations, which sockets have in common. It
// uses r0 to r5 and the place of the sock in the frame.
func (b *builder) ahead(at aheadPlaces) {
	end := b.newLabel()
	b.follow(r0, r0, at.files)
	b.follow(r0, r0, at.fdt)
	b.load(4, r2, r0, at.maxFDs)
	b.load(8, r1, r0, at.fd)
	b.load(4, r3, r9, offFD)
	b.move(r4, r3)
	b.addImm(r4, filesAhead)
	b.jumpIf(opGeReg, r4, r2, 0, end)
	b.emit(opShiftImm, r3, 0, 0, 3) // pointers are of eight bytes
	b.emit(opAddReg, r1, r3, 0, 0)
	b.cast(r1, fileStruct)
	b.store(8, r6, frameSock, r0)

	b.follow(r0, r0, 8*filesAhead)
	b.touch(r0, at.file)

	sock := b.newLabel()
	b.nextFile(socketsAhead, at, sock)
	b.follow(r0, r0, at.private)
	b.touch(r0, at.socket)
	b.place(sock)

	b.nextFile(socksAhead, at, end)
	b.follow(r0, r0, at.private)
	b.follow(r0, r0, at.sk)
	b.load(2, r1, r0, at.protocol)
	b.jumpIf(opNeImm, r1, 0, unix.IPPROTO_TCP, end)
	b.load(2, r1, r0, at.typ)
	b.jumpIf(opNeImm, r1, 0, unix.SOCK_STREAM, end)
	b.touch(r0, at.tcp)
	b.place(end)
}

// nextFile loads r0 with the file so many descriptors further, if it is a
// socket's.
func (b *builder) nextFile(n int16, at aheadPlaces, no label) {
	b.load(8, r0, r6, frameSock)
	b.follow(r0, r0, 8*n)
	b.load(8, r1, r0, at.ops)
	b.jumpIf(opNeReg, r1, r7, 0, no)
}

// touch loads a word of each of the cache lines.
func (b *builder) touch(from reg, lines []int16) {
	for _, line := range lines {
		b.load(8, r1, from, line)
	}
}

// aheadPlaces is where ahead finds its way, and lines of memory to touch.
type aheadPlaces struct {
	files, fdt, maxFDs, fd int16
	ops, private, sk       int16
	protocol, typ          int16
	file, socket, tcp      []int16
}

// aheadPlaces reports false on kernels where pointers cannot be followed
// cheaply or lie elsewhere. A socket's inode lies behind it (struct
// socket_alloc, include/net/sock.h).
func (b *builder) aheadPlaces() (at aheadPlaces, ok bool) {
	ok = b.canCastToMemory() && b.hasStruct(tcpSock)
	place := func(structName, path string) int16 {
		p, has := b.kernel.find(structName, path)
		ok = ok && has
		return p.offset
	}
	at = aheadPlaces{
		files: place("task_struct", "files"), fdt: place("files_struct", "fdt"),
		maxFDs: place("fdtable", "max_fds"), fd: place("fdtable", "fd"),
		ops: place("file", "f_op"), private: place("file", "private_data"), sk: place("socket", "sk"),
		protocol: place("sock", "sk_protocol"), typ: place("sock", "sk_type"),
	}
	at.file = lines(append(b.offsets(fileStruct), at.ops, at.private))
	at.socket = lines([]int16{at.sk, place("socket", "wq.wait.head.next"),
		place("socket_alloc", "vfs_inode") + place("inode", "i_ino")})
	at.tcp = lines(append(append(b.offsets(sockStruct), b.offsets(tcpSock)...), place("sock", "__sk_common.skc_cookie")))
	return at, ok
}

// offsets returns where the fields of an object lie.
func (b *builder) offsets(o object) []int16 {
	var list []int16
	for _, f := range b.fields {
		if f.from == o && f.alternate >= 0 {
			list = append(list, f.offset)
		}
	}
	return list
}

// lines returns the cache lines that members at the offsets lie in.
func lines(offsets []int16) []int16 {
	list := make([]int16, 0, len(offsets))
	for _, o := range offsets {
		list = append(list, o/cacheLine*cacheLine)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
