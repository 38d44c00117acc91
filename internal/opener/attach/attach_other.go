//go:build !linux || !amd64

package attach

import (
	"errors"

	"github.com/sockleak/sockleak/internal/opener"
)

// New fails: there is no tracer for this machine.
func New(string) (opener.Tracer, error) {
	return nil, errors.New("attaching is only possible on Linux on x86-64")
}
