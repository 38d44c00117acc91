package supervise

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Command is a program to run.
type Command struct {
	Args []string // the program and its arguments; the program is looked up in PATH
	Dir  string   // working directory; "" means the caller's
	Env  []string // nil means the caller's

	// The command's standard streams are these files themselves, without a
	// pipe between: a terminal stays a terminal. nil closes the descriptor.
	Stdin, Stdout, Stderr *os.File

	// Starter starts the command's own process; nil means StartProcess.
	Starter Starter
}

// Starter starts a process as os.StartProcess does, such as a tracer.
type Starter func(path string, args []string, attr *os.ProcAttr) (Process, error)

// Process is a process that a Starter has started.
type Process interface {
	PID() int
	// Signal returns os.ErrProcessDone when the process has ended.
	Signal(os.Signal) error
	// Wait waits for the end of the process. It fails when somebody else waited
	// for it.
	Wait() (syscall.WaitStatus, error)
}

// child is a process that os.StartProcess has started.
type child struct{ *os.Process }

// StartProcess is os.StartProcess as a Starter.
func StartProcess(path string, args []string, attr *os.ProcAttr) (Process, error) {
	p, err := os.StartProcess(path, args, attr)
	return child{p}, err
}

func (c child) PID() int { return c.Pid }

func (c child) Wait() (status syscall.WaitStatus, err error) {
	state, err := c.Process.Wait()
	if err == nil {
		status, _ = state.Sys().(syscall.WaitStatus)
	}
	return status, err
}

// The exit codes of a command that never ran, as env(1), timeout(1) and the
// shells use them.
const (
	CodeFailed        = 125 // the supervisor itself failed
	CodeNotExecutable = 126 // found, but cannot be run
	CodeNotFound      = 127
)

// StartError is why a command did not start.
type StartError struct {
	Name string // the program as the user named it
	Code int    // CodeFailed, CodeNotExecutable or CodeNotFound
	Err  error
}

// Error returns one line without the exit code.
func (e *StartError) Error() string { return fmt.Sprintf("run %q: %v", e.Name, e.Err) }

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }

// start starts the command's own process.
func (c Command) start() (Process, error) {
	if len(c.Args) == 0 || c.Args[0] == "" {
		return nil, &StartError{Code: CodeNotFound, Err: errors.New("no command given")}
	}
	path, err := c.find()
	if err != nil {
		return nil, err
	}
	start := c.Starter
	if start == nil {
		start = StartProcess
	}
	p, err := start(path, c.Args, &os.ProcAttr{
		Dir: c.Dir, Env: c.Env, Files: []*os.File{c.Stdin, c.Stdout, c.Stderr},
	})
	if err != nil {
		return nil, startError(c.Args[0], path, err)
	}
	return p, nil
}

// find looks the program up as execvp(3) does.
func (c Command) find() (string, error) {
	name := c.Args[0]
	path, err := exec.LookPath(name)
	switch {
	case err == nil, errors.Is(err, exec.ErrDot): // a dot in PATH is the user's own choice
		return path, nil
	case errors.Is(err, exec.ErrNotFound) && inPath(name) == "":
		return "", &StartError{name, CodeNotFound, errors.New("command not found in PATH")}
	case errors.Is(err, fs.ErrNotExist):
		return "", &StartError{name, CodeNotFound, errors.New("no such file")}
	}
	return "", &StartError{name, CodeNotExecutable, errors.New("not executable (is it a program with its x bit set?)")}
}

// inPath returns a file of that name in a directory of PATH, whether or not
// it can be executed.
func inPath(name string) string {
	if strings.ContainsRune(name, filepath.Separator) {
		return ""
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if st, err := os.Stat(path); err == nil && !st.IsDir() {
			return path
		}
	}
	return ""
}

// startError tells the program's own faults from ours.
func startError(name, path string, err error) error {
	code := CodeFailed
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		code, err = CodeNotExecutable, errors.New("neither a program for this machine nor a script with a #! line")
	case errors.Is(err, fs.ErrPermission):
		code, err = CodeNotExecutable, errors.New("permission denied")
	case errors.Is(err, fs.ErrNotExist):
		code, err = CodeNotFound, errors.New("no such file")
		if _, gone := os.Stat(path); gone == nil { // execve(2): the interpreter is missing
			code, err = CodeNotExecutable, errors.New("its interpreter (the #! line or the dynamic loader) does not exist")
		}
	}
	return &StartError{name, code, err}
}
