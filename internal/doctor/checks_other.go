//go:build !linux

package doctor

import "context"

// checks returns every check of this system: the sources are all that it has.
func checks() []func(context.Context, Options) []Check {
	return []func(context.Context, Options) []Check{sources}
}
