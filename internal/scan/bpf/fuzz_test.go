//go:build linux

package bpf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"testing"
	"unsafe"

	"github.com/sockleak/sockleak/internal/scan/bpf/prog"
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
		locate(k)
		for id := range min(k.count+2, 1000) {
			k.size(id)
			k.member(id, "ns", maxDepth)
		}
		b := builder{kernel: k, fields: locate(k), states: 1}
		if _, err := b.build(); err == nil {
			t.Error("a program was built without a kernel")
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
	for _, k := range []kind{plain, tcpKind, mptcpKind, unixKind} {
		h := header{length: uint32(k.size()), kind: k, sock: sock{family: 1, typ: 1, protocol: 6, state: 8}}
		f.Add(append(unsafe.Slice((*byte)(unsafe.Pointer(&h)), headerSize), make([]byte, recordSize)...))
	}
	f.Add(bytes.Repeat([]byte{0xff}, 1000))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := Program{tick: 4e6, states: socket.AllStates}
		w := p.Walker()
		w.start()
		calls := 0
		used, _ := w.deliver(data, func(_ int, _ int32, s *socket.Socket) error {
			calls++
			if s.UnixInfo != nil && len(s.UnixInfo.Path) > unixPathMax {
				return errors.New("path too long")
			}
			return nil
		})
		if used > len(data) || calls > len(data)/int(headerSize) {
			t.Errorf("%d of %d bytes used, %d calls", used, len(data), calls)
		}
	})
}

func TestMissingFields(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root for the kernel's own answer")
	}
	for _, f := range fields() {
		if f.to%uintptr(f.size) != 0 {
			t.Errorf("%v.%s is stored at %d, not aligned to %d", f.from, f.paths[0], f.to, f.size)
		}
	}
	if missing := open(t, Options{}).Missing(); len(missing) > 0 {
		t.Logf("this kernel lacks %q", missing)
	}
}
