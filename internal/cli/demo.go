package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/demo"
	"github.com/sockleak/sockleak/internal/track"
)

func newDemo(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Start a program that leaks sockets, find them, and end it",
		Long: `Start a small program that leaks sockets of several kinds on the loopback
interface, let them age for a few seconds, scan it as "sockleak scan PID"
would, show the verdict page and end the program.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), env) },
	}
}

// newDemoLeaker is the leaking program itself: demo starts it as a process of
// its own. It ends when its stdin is closed, so it cannot outlive the demo.
func newDemoLeaker(env Env) *cobra.Command {
	return &cobra.Command{
		Use:    "demo-leaker PORT",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			port, err := strconv.ParseUint(args[0], 10, 16)
			if err != nil {
				return usage("%q is not a port", args[0])
			}
			leaks, err := demo.Leak(uint16(port))
			if err != nil {
				return err
			}
			defer leaks.Close()
			fmt.Fprintln(env.Stdout, "ready")
			_, err = io.Copy(io.Discard, env.Stdin)
			return err
		},
	}
}

// demoFor is how long the demo looks: longer than twice the grace period
// that the rules give a program to close what its peer has closed.
const demoFor = 12 * time.Second

func runDemo(ctx context.Context, env Env) error {
	peer, err := demo.StartPeer()
	if err != nil {
		return err
	}
	defer peer.Close()
	pid, stop, err := startLeaker(ctx, peer.Port())
	if err != nil {
		return fmt.Errorf("start the leaking program: %w", err)
	}
	defer stop()
	fmt.Fprintf(env.Stderr, "sockleak: pid %d leaks sockets on the loopback interface; looking at it for %s, as\n"+
		"sockleak: \"sockleak scan %d --for %s\" would\n\n", pid, demoFor, pid, demoFor)
	var flags sessionFlags
	cmd := &cobra.Command{}
	flags.add(cmd) // for their defaults
	flags.narrow.config.path = ""
	s, err := flags.open(env, "demo", []string{strconv.Itoa(pid)}, nil)
	if err != nil {
		return err
	}
	defer s.close()
	history := track.NewHistory()
	found, err := s.sample(ctx, &lookFlags{duration: demoFor, interval: time.Second}, history)
	if err != nil {
		return err
	}
	return s.write(s.report(history, found))
}

// startLeaker starts this program again as the leaking one. stop ends it.
func startLeaker(ctx context.Context, port uint16) (pid int, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, nil, err
	}
	cmd := exec.CommandContext(ctx, self, "demo-leaker", strconv.Itoa(int(port)))
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	stop = func() {
		in.Close()
		_ = cmd.Wait() // it ends by itself when its stdin is closed
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		stop()
		return 0, nil, fmt.Errorf("it did not become ready: %w", err)
	}
	return cmd.Process.Pid, stop, nil
}
