package sockleaktest

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Option changes what counts as leaked.
type Option func(*config)

// config is the sum of the options.
type config struct {
	settle  time.Duration
	ignore  []func(Socket) bool
	cleanup func(exitCode int)
	err     error // what was wrong with the options
}

// defaultSettle is long enough for goroutines that are about to close what
// they hold, and short enough to wait for in a failing test.
const defaultSettle = 2 * time.Second

func configOf(opts []Option) *config {
	c := &config{settle: defaultSettle}
	for _, opt := range opts {
		opt(c)
	}
	return c
}

func (c *config) ignores(s Socket) bool {
	for _, ignore := range c.ignore {
		if ignore(s) {
			return true
		}
	}
	return false
}

// IgnoreCurrent ignores the sockets that are open when it is called. In
//
//	defer sockleaktest.VerifyNone(t, sockleaktest.IgnoreCurrent())
//
// that is when the defer statement runs, so only what the test itself opens
// counts.
func IgnoreCurrent() Option {
	now, err := look()
	old := map[identity]bool{}
	for _, s := range now {
		old[s.id] = true
	}
	return func(c *config) {
		c.err = errors.Join(c.err, err)
		c.ignore = append(c.ignore, func(s Socket) bool { return old[s.id] })
	}
}

// IgnorePeer ignores the connections to a remote address: "192.0.2.1:5432",
// "192.0.2.1" for every port, ":5432" for every host, or "192.0.2.0/24".
func IgnorePeer(addr string) Option {
	match, err := matcher(addr)
	return func(c *config) {
		c.err = errors.Join(c.err, err)
		c.ignore = append(c.ignore, func(s Socket) bool { return match(s.Remote) })
	}
}

// IgnoreListener ignores the listener on a local address, and the
// connections that it accepted. The address is written as for IgnorePeer.
func IgnoreListener(addr string) Option {
	match, err := matcher(addr)
	return func(c *config) {
		c.err = errors.Join(c.err, err)
		c.ignore = append(c.ignore, func(s Socket) bool { return match(s.Local) })
	}
}

// IgnoreFunc ignores the sockets for which ignore returns true.
func IgnoreFunc(ignore func(Socket) bool) Option {
	return func(c *config) { c.ignore = append(c.ignore, ignore) }
}

// Settle sets how long sockets may take to be closed. Waiting ends as soon as
// none is left.
func Settle(d time.Duration) Option {
	return func(c *config) { c.settle = d }
}

// Cleanup makes VerifyTestMain call exit with the exit code instead of
// os.Exit, so that a package can tidy up after its tests.
func Cleanup(exit func(exitCode int)) Option {
	return func(c *config) { c.cleanup = exit }
}

// matcher parses an address pattern. IPv4 addresses match their IPv4-mapped
// form too.
func matcher(text string) (func(netip.AddrPort) bool, error) {
	none := func(netip.AddrPort) bool { return false }
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return func(a netip.AddrPort) bool { return prefix.Contains(a.Addr().Unmap()) }, nil
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		return func(a netip.AddrPort) bool { return a.Addr().Unmap() == addr.Unmap() }, nil
	}
	if full, err := netip.ParseAddrPort(text); err == nil {
		want := netip.AddrPortFrom(full.Addr().Unmap(), full.Port())
		return func(a netip.AddrPort) bool { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) == want }, nil
	}
	if digits, ok := strings.CutPrefix(text, ":"); ok {
		if port, err := strconv.ParseUint(digits, 10, 16); err == nil {
			return func(a netip.AddrPort) bool { return a.IsValid() && a.Port() == uint16(port) }, nil
		}
	}
	return none, fmt.Errorf("sockleaktest: %q is no address: use IP:PORT, IP, :PORT or a prefix such as 192.0.2.0/24", text)
}
