package golang

import (
	"debug/buildinfo"
	"io"
	"strings"
)

// BuildInfo is what the program says of itself.
type BuildInfo = buildinfo.BuildInfo

// ReadBuildInfo reads it out of an executable, also a stripped one.
func ReadBuildInfo(exe io.ReaderAt) (*BuildInfo, error) { return buildinfo.Read(exe) }

// modules tells whose code a function is.
type modules struct {
	main string
	deps []string
}

func newModules(info *BuildInfo) modules {
	if info == nil {
		return modules{}
	}
	m := modules{main: info.Main.Path}
	for _, d := range info.Deps {
		m.deps = append(m.deps, d.Path)
	}
	return m
}

// of returns the module of a function by its name, and whether that is the
// program's own. A dependency counts as one wherever its files lie, also where
// its path begins with that of the main module.
func (m modules) of(function string) (module string, own bool) {
	pkg := strings.ReplaceAll(packageOf(function), "%2e", ".")
	if pkg == "main" {
		return m.main, true
	}
	if within(pkg, m.main) {
		module, own = m.main, true
	}
	for _, d := range m.deps {
		if len(d) > len(module) && within(pkg, d) {
			module, own = d, false
		}
	}
	if module == "" && !strings.Contains(strings.SplitN(pkg, "/", 2)[0], ".") {
		module = "std"
	}
	return module, own
}

func within(pkg, module string) bool {
	rest, ok := strings.CutPrefix(pkg, module)
	return ok && module != "" && (rest == "" || rest[0] == '/')
}

// packageOf returns the import path in the name of a function, in which the
// dots of the last element are written %2e.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/')
	if i := strings.IndexByte(function, '['); i >= 0 { // type arguments have paths of their own
		slash = strings.LastIndexByte(function[:i], '/')
	}
	if dot := strings.IndexByte(function[slash+1:], '.'); dot >= 0 {
		return function[:slash+1+dot]
	}
	return function
}
