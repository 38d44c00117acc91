// Command sockleak tells which sockets of a process are leaked or
// half-closed, since when, why, and what to change in the code.
package main

import (
	"os"

	"github.com/sockleak/sockleak/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.OS())) }
