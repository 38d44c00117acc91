//go:build !linux

package scan

import (
	"github.com/sockleak/sockleak/internal/scan/enrich"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/portable"
	"github.com/sockleak/sockleak/internal/scan/target"
)

// machine is what the steps of a look share on this system.
type machine struct {
	resolver target.Resolver
	enricher *enrich.Enricher
	bootID   string // not known
}

func openMachine(Options) (machine, error) { return machine{}, nil }

func (machine) close() error { return nil }

// sources returns every source of this system: only the portable one.
func (machine) sources() []source.Entry { return []source.Entry{portable.Entry()} }
