//go:build linux && !amd64

package procfs

func archBlocking(fd, epoll int) map[string]func() { return nil }
