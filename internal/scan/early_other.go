//go:build !linux

package scan

import "github.com/sockleak/sockleak/internal/scan/bpf/prog"

// Early is work that is begun before it is known what to look at. There is
// none on this system.
type Early struct{}

// Begin begins it.
func Begin(string, *prog.Begun) *Early { return nil }

func (*Early) take(src Source) Source { return src }
