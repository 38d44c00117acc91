package doctor

import "testing"

func TestSentence(t *testing.T) {
	source := Check{Name: "source sockdiag", Status: OK}
	blind := Check{Name: "source sockdiag", Status: Missing}
	text := Check{Name: "source procfs", Status: OK}
	others := Check{Name: "descriptors", Status: Limited, unread: 70, all: 71}
	all := Check{Name: "descriptors", Status: OK, all: 71}
	ptrace := Check{Name: "CAP_SYS_PTRACE", Status: Missing, Capability: "CAP_SYS_PTRACE"}
	search := Check{Name: "CAP_DAC_READ_SEARCH", Status: Missing, Capability: "CAP_DAC_READ_SEARCH"}
	rare := Check{Name: "CAP_NET_ADMIN", Status: Limited, Capability: "CAP_NET_ADMIN"}
	scope := Check{Name: yama, Status: Limited}
	for want, list := range map[string][]Check{
		"you can judge no process here: none of the sources works":                                                                                {blind, others},
		"you can judge every process here completely":                                                                                             {source, all, rare},
		"you can judge your own processes completely; those of others (70 of 71) need CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH":                     {source, others, ptrace, search, rare},
		"you can judge your own processes but for how old connections are and which thread waits; those of others (70 of 71) need CAP_SYS_PTRACE": {blind, text, others, ptrace, scope},
		"you can judge 1 of 71 processes completely; the others could not be read":                                                                {source, others},
		"you can judge the processes that you may read completely":                                                                                {source},
	} {
		if got := Sentence(list); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
