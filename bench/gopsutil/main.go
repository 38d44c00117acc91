//go:build linux

// Command gopsutil lists connections the way a program does that relies on
// gopsutil, for bench to compare with.
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/shirou/gopsutil/v3/net"
)

func main() {
	list, err := connections(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gopsutil:", err)
		os.Exit(1)
	}
	for _, c := range list {
		fmt.Println(c.Pid, c.Fd, c.Status, c.Laddr.IP, c.Laddr.Port, c.Raddr.IP, c.Raddr.Port)
	}
}

// connections returns those of the pid, or of every process.
func connections(args []string) ([]net.ConnectionStat, error) {
	if len(args) == 0 {
		return net.Connections("inet")
	}
	pid, err := strconv.ParseInt(args[0], 10, 32)
	if err != nil {
		return nil, err
	}
	return net.ConnectionsPid("inet", int32(pid))
}
