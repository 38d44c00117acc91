package sockleaktest

import "time"

// Find returns the sockets that no option ignores and that stay open while it
// waits for them to be closed, by descriptor. A socket that another goroutine
// opens meanwhile is not among them. Its error wraps errors.ErrUnsupported on
// systems where nothing can be checked.
func Find(opts ...Option) ([]Socket, error) {
	c := configOf(opts)
	if c.err != nil {
		return nil, c.err
	}
	left, err := c.open()
	deadline := time.Now().Add(c.settle)
	for pause := time.Millisecond; err == nil && len(left) > 0; pause = min(2*pause, 100*time.Millisecond) {
		rest := time.Until(deadline)
		if rest <= 0 {
			break
		}
		time.Sleep(min(pause, rest))
		var now []Socket
		now, err = c.open()
		left = stillThere(left, now)
	}
	if err != nil {
		return nil, err
	}
	return left, nil
}

// open returns the sockets that are open and not ignored.
func (c *config) open() (left []Socket, err error) {
	all, err := look()
	for _, s := range all {
		if !c.ignores(s) {
			left = append(left, s)
		}
	}
	return left, err
}

// stillThere returns the sockets of now that were there before, as they are
// now.
func stillThere(before, now []Socket) (both []Socket) {
	known := map[identity]bool{}
	for _, s := range before {
		known[s.id] = true
	}
	for _, s := range now {
		if known[s.id] {
			both = append(both, s)
		}
	}
	return both
}
