//go:build linux

package proc

import (
	"debug/elf"
	"io"
	"os"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Runtime tells the language runtime of a process from its executable and the
// libraries that it has mapped: /proc/PID/exe and /proc/PID/maps. Another
// user's process needs CAP_SYS_PTRACE; without it only the name of the
// command can tell, and RuntimeUnknown is returned when it does not.
//
// It reads the header of the executable, so that it costs more than
// [FS.Process], and is meant for processes about which there is something to
// say.
func (fs FS) Runtime(p *socket.Process) socket.Runtime {
	dir := fs.path(p.ID.PID, "")
	if r := runtimeOfName(base(p.Exe)); r != socket.RuntimeUnknown {
		return r
	}
	if p.Exe == "" {
		return runtimeOfName(p.Name)
	}
	if r := runtimeOfExe(dir + "exe"); r == socket.Go {
		return r
	}
	r, err := runtimeOfMaps(dir + "maps")
	if err != nil {
		return socket.RuntimeUnknown
	}
	return r
}

// runtimeOfName knows interpreters by the name of their executable.
func runtimeOfName(name string) socket.Runtime {
	switch {
	case hasVersion(name, "python"), hasVersion(name, "pypy"):
		return socket.Python
	case hasVersion(name, "node"), hasVersion(name, "nodejs"):
		return socket.Node
	case name == "java":
		return socket.Java
	case hasVersion(name, "ruby"):
		return socket.Ruby
	case name == "dotnet":
		return socket.DotNet
	case hasVersion(name, "php"), hasVersion(name, "php-fpm"), hasVersion(name, "php-cgi"), name == "lsphp":
		return socket.PHP
	case name == "beam.smp": // also Elixir's
		return socket.Erlang
	}
	return socket.RuntimeUnknown
}

// hasVersion reports whether name is the interpreter's, perhaps with a
// version and the letters of a variant, such as python3.13t or node-22.
func hasVersion(name, interpreter string) bool {
	version, ok := strings.CutPrefix(name, interpreter)
	return ok && strings.TrimRight(strings.TrimRight(version, "dmt"), "0123456789.-") == ""
}

// runtimeOfExe recognises Go by the section that its linker writes and that
// stripping leaves in place (debug/buildinfo).
func runtimeOfExe(path string) (found socket.Runtime) {
	f, err := os.Open(path)
	if err != nil {
		return socket.RuntimeUnknown
	}
	defer f.Close()
	// The executable is another's, and debug/elf is documented to panic on
	// some malformed files. Not to know the runtime is then the right answer.
	defer func() {
		if recover() != nil {
			found = socket.RuntimeUnknown
		}
	}()
	header, err := elf.NewFile(f)
	if err != nil {
		return socket.RuntimeUnknown
	}
	if header.Section(".go.buildinfo") != nil {
		return socket.Go
	}
	return socket.RuntimeUnknown
}

// runtimeOfMaps knows interpreters by their library, wherever it is embedded
// (uwsgi, a launcher of the JVM, a published .NET program). A program that
// has none of them mapped is native.
func runtimeOfMaps(path string) (socket.Runtime, error) {
	found := socket.Native
	err := eachLineOf(path, func(_ int, line []byte) error {
		i := strings.LastIndexByte(string(line), '/')
		if i < 0 {
			return nil
		}
		if r := runtimeOfLibrary(string(line[i+1:])); r != socket.RuntimeUnknown {
			found = r
			return io.EOF
		}
		return nil
	})
	if err == io.EOF {
		err = nil
	}
	return found, err
}

// runtimeOfLibrary knows the libraries that interpreters live in.
func runtimeOfLibrary(name string) socket.Runtime {
	switch {
	case strings.HasPrefix(name, "libpython"), strings.HasPrefix(name, "libpypy"):
		return socket.Python
	case strings.HasPrefix(name, "libjvm.so"):
		return socket.Java
	case strings.HasPrefix(name, "libcoreclr.so"):
		return socket.DotNet
	case strings.HasPrefix(name, "libruby"):
		return socket.Ruby
	case strings.HasPrefix(name, "libnode.so"):
		return socket.Node
	case strings.HasPrefix(name, "libphp"): // embedded in Apache: libphp.so, libphp8.2.so
		return socket.PHP
	}
	return socket.RuntimeUnknown
}
