package socket

import (
	"path"
	"strings"
)

// Test returns the name of the test that a stack leads to, by the conventions
// of go test, pytest and JUnit; "" where there is none. Of several it is the
// outermost: the test itself, and none of its helpers.
func (o *Origin) Test() string {
	for i := len(o.Frames) - 1; i >= 0; i-- {
		if name := o.Frames[i].test(); name != "" {
			return name
		}
	}
	return ""
}

func (f *Frame) test() string {
	if !f.Own {
		return ""
	}
	base := path.Base(f.File)
	parts := strings.Split(f.Function[strings.LastIndexByte(f.Function, '/')+1:], ".")
	last := parts[len(parts)-1]
	switch {
	case strings.HasSuffix(base, "_test.go"):
		for _, part := range parts { // of a closure it is not the last
			if goTest(part) {
				return part
			}
		}
	case strings.HasSuffix(base, ".py") && (strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py")):
		if strings.HasPrefix(last, "test") {
			return f.Function
		}
	case strings.HasSuffix(base, "Test.java") || strings.HasSuffix(base, "Tests.java") || strings.HasSuffix(base, "IT.java"):
		if len(parts) > 1 && !strings.ContainsAny(last, "$<") { // no lambda, no constructor
			return parts[len(parts)-2] + "." + last
		}
	}
	return ""
}

// goTest reports whether go test runs a function of that name (cmd/go, "Testing
// functions").
func goTest(name string) bool {
	for _, kind := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
		if rest, ok := strings.CutPrefix(name, kind); ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return true
		}
	}
	return false
}
