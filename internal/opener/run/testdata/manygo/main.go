// Command manygo N opens and closes as many sockets; manygo other N makes as many
// other calls.
package main

import (
	"os"
	"strconv"
	"syscall"
)

func main() {
	for n, _ := strconv.Atoi(os.Args[len(os.Args)-1]); n > 0; n-- {
		if len(os.Args) > 2 {
			_ = syscall.Getppid()
		} else {
			_ = syscall.Close(dial())
		}
	}
}

func dial() int {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		panic(err)
	}
	return s
}
