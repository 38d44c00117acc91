package sockleaktest

import (
	"strconv"
	"strings"
)

// use is what the stacks say about who still uses a socket.
type use struct {
	known   bool        // false when no answer can be had
	waiting []goroutine // in a read, write, accept or connect on it
}

// program is what is known of all goroutines together.
type program struct {
	complete bool // all goroutines could be seen
	all      []goroutine
	waiting  map[uint64][]goroutine // by the poller's descriptor that they wait for
	polled   map[uint64]uint64      // the poller's word for each socket, by inode
}

// inspect looks at this process's goroutines and at Go's poller.
func inspect() program {
	p := program{waiting: map[uint64][]goroutine{}, polled: map[uint64]uint64{}}
	p.all, p.complete = goroutines()
	for _, g := range p.all {
		if address := pollDesc(g); address != 0 {
			p.waiting[address] = append(p.waiting[address], g)
		}
	}
	for _, r := range pollerSockets() {
		p.polled[r.inode] = r.data
	}
	return p
}

// registration is a socket that Go's poller watches, and the word that the
// poller knows it by.
type registration struct{ inode, data uint64 }

// useOf finds the goroutines that wait for a socket. In a stack, the first
// argument of runtime_pollWait is the address of the poller's descriptor; the
// poller gave the same address to the kernel, packed, with the socket.
//
// How far it is shifted depends on the release and the processor
// (taggedPointerPack in runtime/tagptr_64bit.go: 16 bits in go1.21, 15 in
// go1.26); its three low bits make room for a tag.
func (p program) useOf(s Socket) use {
	data, polled := p.polled[s.id.inode]
	if !polled {
		return use{}
	}
	for shift := 0; shift <= 32; shift++ {
		if waiting := p.waiting[data>>shift&^7]; len(waiting) > 0 {
			return use{known: true, waiting: waiting}
		}
	}
	return use{known: p.complete}
}

// pollDesc returns what a goroutine waits for in the poller, or 0.
func pollDesc(g goroutine) uint64 {
	if g.top() != "internal/poll.runtime_pollWait" {
		return 0
	}
	word, _, _ := strings.Cut(g.frames[0].args, ",")
	address, _ := strconv.ParseUint(word, 0, 64) // 0 where it ends in "?": not certain
	return address
}

// count returns how many goroutines are in a function, in a state.
func (p program) count(function, state string) (n int) {
	for _, g := range p.all {
		if g.in(function) && strings.HasPrefix(g.state, state) {
			n++
		}
	}
	return n
}

// idle reports whether it is certain that no goroutine waits.
func (u use) idle() bool { return u.known && len(u.waiting) == 0 }

// place says where the socket is waited for, without numbers of goroutines.
func (u use) place() string {
	switch {
	case len(u.waiting) > 0:
		return u.waiting[0].where()
	case u.known:
		return "no goroutine waits on it"
	}
	return "whether a goroutine waits on it is not known"
}

// text says on one line who uses a socket.
func (u use) text() string {
	if len(u.waiting) == 0 {
		return u.place()
	}
	text := "goroutine " + strconv.Itoa(u.waiting[0].id)
	if more := len(u.waiting) - 1; more > 0 {
		text += " and " + strconv.Itoa(more) + " more"
	}
	return text + " waits on it in " + u.place()
}
