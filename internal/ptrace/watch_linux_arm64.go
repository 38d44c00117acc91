package ptrace

import "errors"

// set fails: debug registers of arm64 are not used.
func (watch) set(int) error { return errors.ErrUnsupported }
