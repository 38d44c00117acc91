//go:build linux

package proc

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

func TestRuntimeOfRealPrograms(t *testing.T) {
	fs := live(t)
	for want, program := range map[socket.Runtime][]string{
		socket.Native: {"sleep", "600"},
		socket.Python: {"python3", "-c", "import sys; sys.stdin.read()"},
		socket.Node:   {"node", "-e", "process.stdin.resume()"},
		socket.PHP:    {"php", "-r", "fgets(STDIN);"},
		socket.Erlang: {"erl", "-noshell"},
	} {
		t.Run(string(want), func(t *testing.T) {
			path, err := exec.LookPath(program[0])
			if err != nil {
				t.Skip("needs " + program[0])
			}
			cmd := exec.Command(path, program[1:]...)
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { stdin.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() }()
			// The program may be a script that starts the interpreter.
			testkit.Eventually(t, "runtime "+string(want), func() bool {
				p, err := fs.Process(cmd.Process.Pid)
				if err != nil {
					t.Fatal(err)
				}
				return fs.Runtime(&p) == want
			})
		})
	}
	p, err := fs.Process(os.Getpid())
	if err != nil || fs.Runtime(&p) != socket.Go {
		t.Errorf("our own runtime is %q, %v; want go", fs.Runtime(&p), err)
	}
}

// Without the right to see the executable only the command's name can tell.
func TestRuntimeWithoutRights(t *testing.T) {
	fs := live(t)
	for name, want := range map[string]socket.Runtime{
		"python3": socket.Python, "api": socket.RuntimeUnknown,
	} {
		p := socket.Process{ID: socket.ProcessID{PID: os.Getpid()}, Name: name}
		if got := fs.Runtime(&p); got != want {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
}

func TestRuntimeOfName(t *testing.T) {
	for exe, want := range map[string]socket.Runtime{
		"/usr/bin/python3.12": socket.Python, "/opt/python3.13t": socket.Python,
		"/usr/bin/python": socket.Python, "/usr/bin/pypy3": socket.Python,
		"/usr/bin/node": socket.Node, "/usr/bin/node-22": socket.Node, "/usr/bin/nodejs": socket.Node,
		"/usr/lib/jvm/bin/java": socket.Java, "/usr/bin/ruby3.2": socket.Ruby, "/usr/bin/dotnet": socket.DotNet,
		"/usr/bin/php8.2": socket.PHP, "/usr/sbin/php-fpm8.2": socket.PHP, "/usr/sbin/php-fpm83": socket.PHP,
		"/usr/lib/erlang/erts-13.1/bin/beam.smp": socket.Erlang, "/usr/bin/phpunit": "",
		"/usr/sbin/nginx": "", "/usr/bin/pythonic": "", "/usr/bin/nodemon": "", "": "",
	} {
		if got := runtimeOfName(base(exe)); got != want {
			t.Errorf("%q: %q; want %q", exe, got, want)
		}
	}
}

func TestRuntimeOfMaps(t *testing.T) {
	const rest = "7f0000000000-7f0000001000 r-xp 00000000 fe:00 1234                       "
	for library, want := range map[string]socket.Runtime{
		"/usr/lib/libpython3.11.so.1.0": socket.Python, "/jdk/lib/server/libjvm.so": socket.Java,
		"/app/libcoreclr.so": socket.DotNet, "/usr/lib/libruby-3.1.so.3.1": socket.Ruby,
		"/usr/lib/libnode.so.115": socket.Node, "/usr/lib/apache2/modules/libphp8.2.so": socket.PHP,
		"/usr/lib/libphonenumber.so.8": socket.Native, "/usr/lib/libc.so.6": socket.Native, "[stack]": socket.Native,
	} {
		path := filepath.Join(t.TempDir(), "maps")
		if err := os.WriteFile(path, []byte(rest+"/usr/bin/app\n"+rest+library+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := runtimeOfMaps(path); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", library, got, err, want)
		}
	}
}

// An executable that is no ELF file, or a damaged one, is of no known runtime.
func TestRuntimeOfDamagedExe(t *testing.T) {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	header := make([]byte, 4096)
	if _, err := io.ReadFull(self, header); err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut <= len(header); cut += 61 {
		path := filepath.Join(t.TempDir(), "exe")
		if err := os.WriteFile(path, header[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if got := runtimeOfExe(path); got != socket.RuntimeUnknown {
			t.Errorf("first %d bytes of an executable: %q", cut, got)
		}
	}
}
