//go:build !linux

package scan

// sources returns every source of this system: only the portable one.
func sources() []Source {
	return []Source{
		gopsSource{},
	}
}
