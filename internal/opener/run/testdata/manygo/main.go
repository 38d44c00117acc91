// Command manygo opens and closes as many sockets as its argument says.
package main

import (
	"os"
	"strconv"
	"syscall"
)

func main() {
	for n, _ := strconv.Atoi(os.Args[1]); n > 0; n-- {
		_ = syscall.Close(dial())
	}
}

func dial() int {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		panic(err)
	}
	return s
}
