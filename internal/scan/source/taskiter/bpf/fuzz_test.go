//go:build linux

package bpf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"unsafe"

	"github.com/sockleak/sockleak/internal/scan/source/taskiter/bpf/prog"
	"github.com/sockleak/sockleak/internal/socket"
)

// FuzzBTF feeds damaged BTF to the parser and asks for every field.
func FuzzBTF(f *testing.F) {
	f.Add(prog.TypeInfo())
	f.Add(tinyBTF())
	f.Add([]byte{0x9f, 0xeb, 1, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := parseBTF(data, symbols())
		if err != nil {
			return
		}
		for id := range min(k.count+2, 1000) {
			k.size(id)
			k.member(id, "ns", maxDepth)
			k.step(id, "1")
			k.hasEnumerator(id, "ns")
		}
		for _, m := range []image{castImage(), probeImage()} {
			p := Program{}
			p.fit(m, k)
			if p.needs == "" {
				t.Error("a program was fitted to no kernel")
			}
		}
	})
}

// tinyBTF is a struct net { struct { ino inum; } ns; }, with a typedef, an
// anonymous union and a struct that contains itself.
func tinyBTF() []byte {
	const names = "\x00net\x00ns\x00inum\x00ino\x00sock\x00loop\x00"
	info := func(kind, members uint32) uint32 { return kind<<24 | members }
	types := []uint32{
		0, info(kindInt, 0), 4, 32, // 1
		13, info(kindTypedef, 0), 1, // 2: ino
		0, info(kindStruct, 1), 4, 8, 2, 0, // 3: { ino inum }
		0, info(kindUnion, 1), 4, 5, 3, 0, // 4: { 3 ns }
		1, info(kindStruct, 2), 8, 22, 1, 0, 0, 4, 32, // 5: net { int loop; 4 }
		17, info(kindStruct, 1), 8, 0, 6, 0, // 6: sock { sock }
	}
	size := uint32(4 * len(types))
	var blob []byte
	for _, w := range append([]uint32{0x0001eb9f, 24, 0, size, size, uint32(len(names))}, types...) {
		blob = binary.LittleEndian.AppendUint32(blob, w)
	}
	return append(blob, names...)
}

func TestFindMember(t *testing.T) {
	k, err := parseBTF(tinyBTF(), symbols())
	must(t, err)
	if p, ok := k.find("net", "ns.inum"); !ok || p != (place{4, 4}) {
		t.Errorf("net.ns.inum: %+v, %v", p, ok)
	}
	for _, path := range []string{"ns.none", "none", "loop.inum", ""} {
		if p, ok := k.find("net", path); ok {
			t.Errorf("net.%s: %+v", path, p)
		}
	}
	if _, ok := k.find("sock", "loop"); ok {
		t.Error("a struct that contains itself has a member")
	}
}

func TestKernelFields(t *testing.T) {
	must(t, withKernelBTF(func(data []byte) error {
		k, err := parseBTF(data, symbols())
		must(t, err)
		if _, ok := k.find("tcp_sock", "inet_conn.icsk_inet.sk.__sk_common.skc_state"); !ok {
			t.Error("no state in a tcp_sock")
		}
		_, err = parseBTF(data[:len(data)/2], symbols())
		if err == nil {
			t.Error("half a file passes")
		}
		return nil
	}))
}

// FuzzRecord feeds damaged records to the decoder.
func FuzzRecord(f *testing.F) {
	d := descriptor{length: uint32(descriptorKind.size()), kind: uint32(descriptorKind), fd: 5, maxFds: 64}
	item := epollItem{length: uint32(epollKind.size()), kind: uint32(epollKind)}
	before := append(bytesOf(&d), bytesOf(&item)...)
	for _, k := range []kind{plain, tcpKind, mptcpKind, unixKind} {
		h := sockHead{length: uint32(k.size()), kind: uint32(k), family: 1, typ: 1, protocol: 6, state: 8}
		f.Add(slices.Concat(before, bytesOf(&h), make([]byte, recordSize)))
	}
	f.Add(bytes.Repeat([]byte{0xff}, 1000))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := Program{tick: 4e6, states: socket.AllStates}
		w := p.Walker()
		w.start()
		calls := 0
		used, _ := w.deliver(data, func(_ Descriptor, s *socket.Socket) error {
			calls++
			if s.UnixInfo != nil && len(s.UnixInfo.Path) > unixPathMax {
				return errors.New("path too long")
			}
			return nil
		})
		if used > len(data) || calls > len(data)/int(headSize) {
			t.Errorf("%d of %d bytes used, %d calls", used, len(data), calls)
		}
	})
}

// bytesOf returns the memory of a part of a record.
func bytesOf[T descriptor | epollItem | sockHead](part *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(part)), unsafe.Sizeof(*part))
}
