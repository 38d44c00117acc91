// A program whose goroutine waits in a function of C, and one whose goroutine
// waits in a system call of its own. It prints the inodes by what waits for them.
package main

/*
#include <string.h>
#include <sys/socket.h>

// Without optimization the frame of this function is found by a register.
#ifdef PLAIN
__attribute__((optimize("O0", "no-omit-frame-pointer")))
#endif
static long fetch(int fd)
{
	char buf[4096];
	long n = recv(fd, buf, sizeof buf, 0);

	return n > 0 ? (long)strnlen(buf, (size_t)n) : n;
}
*/
import "C"

import (
	"fmt"
	"syscall"
	"time"
)

func inC(fd int) {
	C.fetch(C.int(fd)) // waits: cgo
	fmt.Println("it was answered")
}

func inGo(fd int) {
	var buf [64]byte
	syscall.Read(fd, buf[:]) // waits: syscall
	fmt.Println("it was answered")
}

func start(role string, wait func(int)) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		panic(err)
	}
	var st syscall.Stat_t
	if err := syscall.Fstat(fds[0], &st); err != nil {
		panic(err)
	}
	fmt.Println(role, st.Ino)
	go wait(fds[0])
}

func main() {
	start("cgo", inC)
	start("syscall", inGo)
	fmt.Println("ready")
	time.Sleep(time.Hour)
}
