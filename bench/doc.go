//go:build linux

// Command bench compares sockleak with ss, lsof, netstat, gopsutil and
// prometheus/procfs on hosts that it builds itself.
//
//	go run ./bench -size small    scaled down, under a minute: what CI runs
//	go run ./bench -size full     200,000 sockets, half an hour at most
//
// It needs root, for each host is a network namespace of its own, so that
// nothing leaves the machine and no other socket is in the way. All that it
// starts dies with it, kill -9 included. See README.md for the method.
package main
