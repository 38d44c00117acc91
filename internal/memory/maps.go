package memory

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Mapping is a line of /proc/PID/maps (proc_pid_maps(5)).
type Mapping struct {
	Start, End uint64
	Offset     uint64 // in the file
	Readable   bool
	Writable   bool
	Executable bool
	Inode      uint64
	Path       string // of the file, or a name such as [heap]; may be empty; untrusted
}

// Deleted reports whether the mapped file is no longer at its path.
func (m *Mapping) Deleted() bool { return strings.HasSuffix(m.Path, deleted) }

// deleted is what the kernel puts behind such a path (d_path() in fs/d_path.c).
const deleted = " (deleted)"

// Maps reports whether the file is the one at the path, or was when it was mapped.
func (m *Mapping) Maps(path string) bool {
	return m.Path == path || strings.TrimSuffix(m.Path, deleted) == path
}

// Maps are the mappings of a process by rising address.
type Maps []Mapping

// mostMappings is more than a process may have (vm.max_map_count is 65,530
// unless it was raised).
const mostMappings = 1 << 20

// ParseMaps parses the text of /proc/PID/maps. Lines that it does not
// understand are left out.
func ParseMaps(text []byte) Maps {
	var maps Maps
	for line := range bytes.Lines(text) {
		if m, ok := parseMapping(strings.TrimSuffix(string(line), "\n")); ok && len(maps) < mostMappings {
			maps = append(maps, m)
		}
	}
	slices.SortStableFunc(maps, func(a, b Mapping) int {
		switch {
		case a.Start < b.Start:
			return -1
		case a.Start > b.Start:
			return 1
		}
		return 0
	})
	return maps
}

// parseMapping parses "START-END PERM OFFSET DEV INODE PATH".
func parseMapping(line string) (m Mapping, ok bool) {
	var fields [5]string
	for i := range fields {
		line = strings.TrimLeft(line, " ")
		fields[i], line, _ = strings.Cut(line, " ")
	}
	start, end, ok := strings.Cut(fields[0], "-")
	perm := fields[1]
	if !ok || len(perm) != 4 {
		return m, false
	}
	for _, f := range []struct {
		text string
		base int
		to   *uint64
	}{{start, 16, &m.Start}, {end, 16, &m.End}, {fields[2], 16, &m.Offset}, {fields[4], 10, &m.Inode}} {
		n, err := strconv.ParseUint(f.text, f.base, 64)
		if err != nil {
			return m, false
		}
		*f.to = n
	}
	m.Readable, m.Writable, m.Executable = perm[0] == 'r', perm[1] == 'w', perm[2] == 'x'
	m.Path = strings.TrimLeft(line, " ")
	return m, m.Start < m.End
}

// At returns the mapping that an address lies in, or nil.
func (maps Maps) At(addr uint64) *Mapping {
	i, _ := slices.BinarySearchFunc(maps, addr, func(m Mapping, addr uint64) int {
		if m.End <= addr {
			return -1
		}
		return 1
	})
	if i < len(maps) && maps[i].Start <= addr {
		return &maps[i]
	}
	return nil
}

// begin returns the mapping of the beginning of the file of which m maps a
// part: the nearest at or below m.
func (maps Maps) begin(m *Mapping) *Mapping {
	var found *Mapping
	for i := range maps {
		if c := &maps[i]; c.Start <= m.Start && c.Offset == 0 && c.Path == m.Path && c.Inode == m.Inode && c.Readable {
			found = c
		}
	}
	return found
}
