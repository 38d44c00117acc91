//go:build !linux

package headstart

import "github.com/sockleak/sockleak/internal/scan/bpf/prog"

// Begun is what was begun when the process started: nothing, here.
var Begun *prog.Begun
