package golang

import (
	"debug/dwarf"
	"debug/elf"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The compiler itself says where the fields are. SOCKLEAK_GO_RELEASES names
// further releases to ask, such as "go1.21.0 go1.25.0".
func TestLayoutsAreThoseOfTheCompiler(t *testing.T) {
	for _, release := range append([]string{"local"}, strings.Fields(os.Getenv("SOCKLEAK_GO_RELEASES"))...) {
		t.Run(release, func(t *testing.T) {
			exe := t.TempDir() + "/go"
			cmd := exec.Command("go", "build", "-o", exe, ".")
			cmd.Dir, cmd.Env = "../../../testdata/lines/go", append(os.Environ(), "GOTOOLCHAIN="+release)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			f, err := elf.Open(exe)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			raw, err := os.Open(exe)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			info, err := ReadBuildInfo(raw)
			if err != nil {
				t.Fatal(err)
			}
			l, known := layoutOf(info.GoVersion)
			if !known {
				t.Fatalf("the layout of %s is not known", info.GoVersion)
			}
			at := offsets(t, f)
			sched := at["runtime.g.sched"]
			for name, got := range map[string]uint64{
				"runtime.g.atomicstatus": l.status, "runtime.g.goid": l.goid, "runtime.g.waitsince": l.waitSince,
				"runtime.g.gopc": l.gopc, "runtime.g.startpc": l.startpc, "runtime.g.stack": stackLow,
				"runtime.gobuf.sp": l.sp - sched, "runtime.gobuf.pc": l.pc - sched, "runtime.gobuf.bp": l.bp - sched,
				"runtime.g.parentGoid": l.gopc - 8, "runtime.g.m": threadAt, "runtime.m.procid": l.procid(),
				"runtime.pollDesc.fd": pollFD, "runtime.pollDesc.rg": pollRG, "runtime.pollDesc.wg": pollWG,
				"runtime.pollDesc.rd": l.rd, "runtime.pollDesc.wd": l.wd,
				"runtime.moduledata.text": 8 * moduleText, "runtime.moduledata.gofunc": 8 * gofuncAt,
			} {
				if want, ok := at[name]; !ok || got != want {
					t.Errorf("%s: %s at %d; the compiler says %d, %v", info.GoVersion, name, got, want, ok)
				}
			}
		})
	}
}

// offsets returns the offsets of the fields of structures of the runtime.
func offsets(t *testing.T, f *elf.File) map[string]uint64 {
	t.Helper()
	data, err := f.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]uint64{}
	structure := ""
	for r := data.Reader(); ; {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			return at
		}
		name, _ := e.Val(dwarf.AttrName).(string)
		switch e.Tag {
		case dwarf.TagStructType:
			structure = name
		case dwarf.TagMember:
			if offset, ok := e.Val(dwarf.AttrDataMemberLoc).(int64); ok {
				at[structure+"."+name] = uint64(offset)
			}
		case dwarf.TagCompileUnit:
		default:
			if e.Children {
				r.SkipChildren()
			}
		}
	}
}
