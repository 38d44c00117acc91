package corpus

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Play is a program of the corpus in its labelled state.
type Play struct {
	PID   int // of the program
	stage *exec.Cmd
	stdin io.Closer
}

// Start starts the program in a network namespace of its own and returns once
// it has reached its labelled state, which takes 8 to 30 s. dir is
// testdata/programs. It needs root, unshare(1), ip(8), python3, and what runs
// the program: gcc, go, node or java. The program ends by itself after two
// minutes at the latest. by are the words of a command that runs another with
// its last words, such as taskset(1) or setpriv(1), for all of the play.
func Start(ctx context.Context, dir string, c Case, by ...string) (*Play, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("start a program of the corpus: a network namespace of its own needs root")
	}
	words := append([]string{"--net", "sh", "-c", `ip link set lo up && exec "$@"`, "sh"}, by...)
	words = append(words, "python3", filepath.Join(dir, "stage.py"), filepath.Join(dir, filepath.FromSlash(c.Program)))
	stage := exec.CommandContext(ctx, "unshare", words...)
	var said strings.Builder
	stage.Stderr = &said
	stage.Cancel = func() error { return stage.Process.Signal(syscall.SIGTERM) } // it has children to end
	stage.WaitDelay = 10 * time.Second
	stdin, err := stage.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Program, err)
	}
	stdout, err := stage.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Program, err)
	}
	if err := stage.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Program, err)
	}
	p := &Play{stage: stage, stdin: stdin}
	if p.PID, err = readyPID(stdout); err != nil {
		p.Stop()
		return nil, fmt.Errorf("start %s: %w: %s", c.Program, err, strings.TrimSpace(said.String()))
	}
	return p, nil
}

// readyPID reads the line "ready PID".
func readyPID(r io.Reader) (int, error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if pid, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			return strconv.Atoi(pid)
		}
	}
	return 0, errors.New("it never got ready")
}

// Stop ends the program and everything around it.
func (p *Play) Stop() {
	p.stdin.Close()
	gone := time.AfterFunc(10*time.Second, func() { p.stage.Process.Kill() })
	defer gone.Stop()
	p.stage.Wait() // its status says nothing: the verdict is out
}
