package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// yama is the check of what ptrace_scope forbids.
const yama = "yama"

// Sentence says in one sentence what this user can judge here.
func Sentence(list []Check) string {
	works := func(name string) bool {
		return slices.ContainsFunc(list, func(c Check) bool { return c.Name == name && c.Status == OK })
	}
	if !slices.ContainsFunc(list, func(c Check) bool { return strings.HasPrefix(c.Name, sourcePrefix) && c.Status == OK }) {
		return "you can judge no process here: none of the sources works"
	}
	how := "completely"
	var lacks []string
	if !works(sourcePrefix+"bpf") && !works(sourcePrefix+"sockdiag") {
		lacks = append(lacks, "how old connections are")
	}
	if slices.ContainsFunc(list, func(c Check) bool { return c.Name == yama && c.Status != OK }) {
		lacks = append(lacks, "which thread waits")
	}
	if len(lacks) > 0 {
		how = "but for " + strings.Join(lacks, " and ")
	}
	unread, all := 0, 0
	for _, c := range list {
		if unread <= c.unread {
			unread, all = c.unread, max(all, c.all)
		}
	}
	caps := least(Capabilities(list))
	switch {
	case all == 0:
		return fmt.Sprintf("you can judge the processes that you may read %s", how)
	case unread == 0:
		return fmt.Sprintf("you can judge every process here %s", how)
	case len(caps) == 0:
		return fmt.Sprintf("you can judge %d of %d processes %s; the others could not be read", all-unread, all, how)
	}
	return fmt.Sprintf("you can judge your own processes %s; those of others (%d of %d) need %s", how, unread, all, strings.Join(caps, " and "))
}
