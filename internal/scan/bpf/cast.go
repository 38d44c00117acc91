//go:build linux

package bpf

// Pointers and the verifier. What it believes of a pointer decides what may
// be done with it, and what each load through it costs to verify:
//
//   - a trusted one can be handed to helpers; following it makes the verifier
//     search all of BTF by name, a quarter of a millisecond for each step;
//   - one that was cast to a struct can be read and followed; for each load
//     the members of the struct are searched;
//   - one that was cast to plain memory (Linux 6.17) can be read anywhere,
//     which costs next to nothing. What is read through it is a number, and
//     has to be cast itself before it is followed.
//
// A read that misses, as through a null pointer, yields zero and stops nothing.

// cast makes a tcp_sock, an mptcp_sock and so on of the pointer in from, in
// r0. It leaves r6 to r9 alone.
func (b *builder) cast(from reg, to object) { b.castTo(from, to.String()) }

func (b *builder) castTo(from reg, structName string) {
	if from != r1 {
		b.move(r1, from)
	}
	b.castR1(structName)
}

// castR1 casts what is in r1.
func (b *builder) castR1(structName string) {
	id := b.kernel.ids[symbol{kindStruct, structName}]
	if b.canCastToMemory() {
		id = 0 // void
	}
	b.moveImm(r2, int32(id))
	b.callKfunc(b.kernel.ids[symbol{kindFunc, "bpf_rdonly_cast"}])
}

func (b *builder) canCast(to object) bool {
	return b.hasStruct(to) && !b.basic && b.hasFunc("bpf_rdonly_cast") // 6.2
}

// canCastToMemory reports whether the kernel casts to void, which the enum
// bpf_features says (BPF_FEAT_RDONLY_CAST_TO_VOID, kernel/bpf/verifier.c).
func (b *builder) canCastToMemory() bool {
	_, ok := b.kernel.ids[symbol{kindEnum, "bpf_features"}]
	return ok && b.canCast(sockStruct)
}

// distrust makes the pointer in r0 one that can only be read.
func (b *builder) distrust(o object) {
	if b.canCast(o) {
		b.cast(r0, o)
	}
}

// follow loads dst with the pointer at an offset from the one in from, so
// that it can be read through: one that is null leads to zeros. It uses r0 to
// r5.
func (b *builder) follow(dst, from reg, offset int16) {
	if !b.canCastToMemory() {
		b.load(8, dst, from, offset)
		return
	}
	b.load(8, r1, from, offset)
	b.castR1(sockStruct.String()) // the struct does not matter
	if dst != r0 {
		b.move(dst, r0)
	}
}

// readable makes a number that is a pointer one that can be read through.
func (b *builder) readable(r reg) {
	if b.canCastToMemory() {
		b.cast(r, sockStruct)
		b.move(r, r0)
	}
}

// view loads r0 with the sock in r8 as one of a protocol.
func (b *builder) view(as object) {
	if b.canCastToMemory() {
		b.move(r0, r8)
		return
	}
	b.cast(r8, as)
}
