//go:build linux

package prog

import (
	"encoding/binary"
	"runtime"
	"unsafe"
)

// funcInfo is struct bpf_func_info (include/uapi/linux/bpf.h). The verifier
// wants one for every function of a program that has callbacks.
type funcInfo struct{ insn, typ uint32 }

// Ids of the functions in TypeInfo.
const (
	typeMain     = 4
	typeCallback = 6
)

// TypeInfo returns the type information (BTF) of every program: in C,
//
//	int sockets(void *ctx);
//	static int callback(int n, void *ctx);
func TypeInfo() []byte {
	const names = "\x00int\x00n\x00ctx\x00sockets\x00callback\x00"
	const (
		nameInt, nameN, nameCtx, nameMain, nameCall = 1, 5, 7, 11, 19
		signed32                                    = 1<<24 | 32
		intID, ptrID, lookProto, walkProto          = 1, 2, 3, 5
		static, global                              = 0, 1
		kindInt, kindPtr, kindFunc, kindProto       = 1, 2, 12, 13 // include/uapi/linux/btf.h
	)
	info := func(kind, vlen uint32) uint32 { return kind<<24 | vlen }
	types := []uint32{
		nameInt, info(kindInt, 0), 4, signed32,
		0, info(kindPtr, 0), 0,
		0, info(kindProto, 1), intID, nameCtx, ptrID,
		nameMain, info(kindFunc, global), lookProto,
		0, info(kindProto, 2), intID, nameN, intID, nameCtx, ptrID,
		nameCall, info(kindFunc, static), walkProto,
	}
	size := uint32(4 * len(types))
	// struct btf_header: magic, version 1, no flags; then the sections.
	words := append([]uint32{0x0001eb9f, 24, 0, size, size, uint32(len(names))}, types...)
	blob := make([]byte, 0, 4*len(words)+len(names))
	for _, w := range words {
		blob = binary.LittleEndian.AppendUint32(blob, w)
	}
	return append(blob, names...)
}

// btfLoad loads BTF and returns a descriptor of it. The start of union
// bpf_attr for BPF_BTF_LOAD is all that is needed.
func btfLoad(blob []byte) (int, error) {
	attr := struct {
		btf, log           uint64
		size, logSize      uint32
		logLevel, trueSize uint32
	}{btf: uint64(uintptr(unsafe.Pointer(&blob[0]))), size: uint32(len(blob))}
	fd, err := bpf(cmdBTFLoad, unsafe.Pointer(&attr), unsafe.Offsetof(attr.trueSize))
	runtime.KeepAlive(blob)
	return fd, err
}
