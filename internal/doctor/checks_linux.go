package doctor

import "context"

// checks returns every check of this system, in the order in which they are
// shown.
func checks() []func(context.Context, Options) []Check {
	return []func(context.Context, Options) []Check{
		sources,
		processes,
		namespaces,
		capabilities,
		procMount,
		tracing,
		traces,
		kernel,
		lockdown,
		seccomp,
		memory,
		unprivilegedBPF,
		tables,
	}
}
