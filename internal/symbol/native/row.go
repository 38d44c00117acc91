package native

// registers is one more than the highest number of a register that is followed:
// those of x86-64 (0 to 16) and the general ones of arm64 (0 to 31).
const registers = 33

// rule says where the caller's value of a register is.
type rule struct {
	kind   ruleKind
	offset int64 // from the canonical frame address
	from   uint64
}

type ruleKind uint8

const (
	same      ruleKind = iota // the callee has not touched it
	undefined                 // it is lost
	saved                     // at an offset from the frame address
	computed                  // the frame address plus an offset
	moved                     // in another register
	unknown                   // an expression, which is not followed
)

// row is what holds at one instruction: the canonical frame address as a
// register plus an offset, and a rule for each register.
type row struct {
	base   uint64 // register
	offset int64
	other  bool // the frame address is an expression
	rules  [registers]rule
}

// rowAt runs the function's program up to the program counter (DWARF 5, 6.4.2).
func (f *function) rowAt(pc uint64) (r row, ok bool) {
	m := machine{f: f, at: f.begin, pc: pc}
	if !m.run(f.common.program) {
		return r, false
	}
	m.initial = m.row
	return m.row, m.run(f.program) && true
}

type machine struct {
	f            *function
	at, pc       uint64
	row, initial row
	stack        []row
	done         bool
}

// run executes a program; false where it is malformed.
func (m *machine) run(c cursor) bool {
	const mostSteps = 1 << 16
	for steps := 0; c.i < len(c.data) && !m.done && !c.bad; steps++ {
		if steps > mostSteps || !m.step(&c) {
			return false
		}
	}
	return !c.bad
}

func (m *machine) advance(delta uint64) {
	m.at += delta * m.f.codeAlign
	m.done = m.at > m.pc
}

func (m *machine) set(register uint64, r rule) {
	if register < registers {
		m.row.rules[register] = r
	}
}

// step executes one instruction (DWARF 5, table 7.29).
func (m *machine) step(c *cursor) bool {
	op := c.byte()
	low := uint64(op & 0x3f)
	switch op >> 6 {
	case 1: // advance_loc
		m.advance(low)
		return true
	case 2: // offset
		m.set(low, rule{kind: saved, offset: int64(c.number()) * m.f.dataAlign})
		return true
	case 3: // restore
		m.restore(low)
		return true
	}
	switch op {
	case 0x00: // nop
	case 0x02:
		m.advance(uint64(c.byte()))
	case 0x03:
		b := c.bytes(2)
		m.advance(uint64(b[0]) | uint64(b[1])<<8)
	case 0x04:
		m.advance(uint64(c.uint32()))
	case 0x05: // offset_extended
		register := c.number()
		m.set(register, rule{kind: saved, offset: int64(c.number()) * m.f.dataAlign})
	case 0x06:
		m.restore(c.number())
	case 0x07:
		m.set(c.number(), rule{kind: undefined})
	case 0x08:
		m.set(c.number(), rule{kind: same})
	case 0x09: // register
		register := c.number()
		m.set(register, rule{kind: moved, from: c.number()})
	case 0x0a: // remember_state
		if m.stack = append(m.stack, m.row); len(m.stack) > 64 {
			return false
		}
	case 0x0b: // restore_state
		if len(m.stack) == 0 {
			return false
		}
		m.row, m.stack = m.stack[len(m.stack)-1], m.stack[:len(m.stack)-1]
	default:
		return m.define(op, c)
	}
	return true
}

// define executes the instructions about the frame address, and those with
// expressions.
func (m *machine) define(op byte, c *cursor) bool {
	switch op {
	case 0x0c: // def_cfa
		m.row.base, m.row.offset, m.row.other = c.number(), int64(c.number()), false
	case 0x0d: // def_cfa_register
		m.row.base, m.row.other = c.number(), false
	case 0x0e: // def_cfa_offset
		m.row.offset = int64(c.number())
	case 0x0f: // def_cfa_expression
		c.bytes(int(min(c.number(), 1<<16)))
		m.row.other = true
	case 0x10, 0x16: // expression, val_expression
		m.set(c.number(), rule{kind: unknown})
		c.bytes(int(min(c.number(), 1<<16)))
	case 0x11: // offset_extended_sf
		register := c.number()
		m.set(register, rule{kind: saved, offset: c.signed() * m.f.dataAlign})
	case 0x12: // def_cfa_sf
		m.row.base, m.row.offset, m.row.other = c.number(), c.signed()*m.f.dataAlign, false
	case 0x13:
		m.row.offset = c.signed() * m.f.dataAlign
	case 0x14: // val_offset
		register := c.number()
		m.set(register, rule{kind: computed, offset: int64(c.number()) * m.f.dataAlign})
	case 0x2e: // GNU_args_size
		c.number()
	default:
		return false
	}
	return true
}

func (m *machine) restore(register uint64) {
	if register < registers {
		m.row.rules[register] = m.initial.rules[register]
	}
}
