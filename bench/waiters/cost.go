//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"time"
)

// cost is what one scan took.
type cost struct{ cpu, wall time.Duration }

// run runs a scan; a verdict is an exit code as well.
func run(args []string) (cost, error) {
	cmd := exec.Command(args[0], args[1:]...)
	begin := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || !exit.Exited()) {
		return cost{}, err
	}
	return cost{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), time.Since(begin)}, nil
}

func median(list []cost) string {
	if len(list) == 0 {
		return ""
	}
	of := func(value func(cost) time.Duration) float64 {
		slices.SortFunc(list, func(a, b cost) int { return int(value(a) - value(b)) })
		return float64(value(list[len(list)/2]).Microseconds()) / 1000
	}
	return fmt.Sprintf("%.1f / %.1f", of(func(c cost) time.Duration { return c.cpu }), of(func(c cost) time.Duration { return c.wall }))
}

// lines returns of how many waiters a scan names the function or line; a report
// has 256 of them at the most.
func lines(args []string) (named int, err error) {
	scan := slices.Clone(args)
	scan[slices.Index(scan, "-o")+1] = "json"
	out, err := exec.Command(scan[0], scan[1:]...).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	var doc struct {
		Waiters []struct {
			Frames []struct{ Function string }
		}
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		return 0, err
	}
	for _, w := range doc.Waiters {
		if len(w.Frames) > 0 {
			named++
		}
	}
	return named, nil
}

// latencies are the times that echos took.
type latencies []time.Duration

func (l latencies) String() string {
	slices.Sort(l)
	at := func(share float64) float64 {
		return float64(l[int(share*float64(len(l)-1))].Nanoseconds()) / 1000
	}
	return fmt.Sprintf("%8.0f %8.0f %8.0f %8.0f", at(0.5), at(0.99), at(0.999), at(1))
}

// pause is between two echos, so that the processors are the scan's as well.
const pause = 500 * time.Microsecond

// echoes sends over the connections in turn, so many times at the least and for
// so long.
func echoes(conns []net.Conn, least int, each time.Duration) (times latencies, err error) {
	text := []byte("sixteen bytes..\n")
	back := make([]byte, len(text))
	for begin := time.Now(); len(times) < least || time.Since(begin) < each; {
		c := conns[len(times)%len(conns)]
		sent := time.Now()
		if _, err := c.Write(text); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(c, back); err != nil {
			return nil, err
		}
		times = append(times, time.Since(sent))
		if each > 0 {
			time.Sleep(pause)
		}
	}
	return times, nil
}

// watched echoes while somebody looks without a pause.
func watched(l look, conns []net.Conn, each time.Duration) (latencies, int, error) {
	quit, looks := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; l.args != nil; n++ {
			select {
			case <-quit:
				looks <- n
				return
			default:
				_, _ = run(l.args)
			}
		}
		<-quit
		looks <- n
	}()
	times, err := echoes(conns, 1, each)
	close(quit)
	return times, <-looks, err
}
