package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// judgeFunc is leak.Judge.
type judgeFunc func(*track.History, leak.Settings) []leak.Finding

// judge finds what is wrong with what the process held at its end. It is
// judged as every process is, and by the measure of its own life: what the
// peer had closed for long enough of that was not about to be closed.
func (l *life) judge(judge judgeFunc, set leak.Settings) {
	l.findings = l.own(judge(l.history, set), set)
	if short := within(set, l.enough()); short.Grace < set.Grace && l.lived() >= l.measurable() {
		l.findings = prefer(l.findings, l.ofLife(judge(l.history, short), short))
	}
	l.fold()
}

// shortest is how long a process must have lived for half of its life to be
// a measure: several samples, or a few milliseconds where its end was seen too.
const (
	shortest      = 200 * time.Millisecond
	shortestExact = 50 * time.Millisecond
)

func (l *life) measurable() time.Duration {
	if l.ending && !l.empty {
		return shortestExact
	}
	return shortest
}

// enough is how long it is enough to have held a connection after the peer had
// closed it: half of the time that it could, or a third where it is known that
// nothing happened before its end.
func (l *life) enough() time.Duration {
	if l.ending && !l.empty {
		return l.lived() / 3
	}
	return l.lived() / 2
}

// within returns the thresholds for a life so short that they would be longer
// than what is enough.
func within(set leak.Settings, enough time.Duration) leak.Settings {
	set.Grace = max(min(set.Grace, enough*5/6), time.Millisecond) // Ripe is 6/5 of Grace
	return set
}

// own returns the findings about sockets of the process. Notes about
// connections that nobody holds are about what others did as well. From birth
// on everything grows: fewer than several sockets are no growth yet.
func (l *life) own(list []leak.Finding, set leak.Settings) []leak.Finding {
	return slices.DeleteFunc(list, func(f leak.Finding) bool {
		return f.Process != l.id || f.Level < leak.Suspect && len(f.Sockets) == 0 ||
			growth(f.Rule) && len(f.Sockets) < set.Several
	})
}

// ofLife returns the findings that a short life can prove: about connections
// that the peer has closed, and about what was only opened and never closed
// from birth on. They say by which measure they were judged.
func (l *life) ofLife(list []leak.Finding, set leak.Settings) []leak.Finding {
	list = slices.DeleteFunc(l.own(list, set), func(f leak.Finding) bool {
		return f.Level < leak.Suspect || !halfClosed(f.Sockets) && !(growth(f.Rule) && l.lived() >= growing)
	})
	for i := range list {
		f := &list[i]
		words := fmt.Sprintf("in %s from its first socket to its end", l.lived().Round(10*time.Millisecond))
		if halfClosed(f.Sockets) {
			words = l.lifeWords(f.Age.AtLeast)
		}
		f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)], words)
	}
	return list
}

// growth reports whether the rule is about sockets that only come and never go.
func growth(rule string) bool { return rule == "slow-leak" || rule == "survivors" }

// growing is how long a process must have lived for growth to be told from a
// start that goes on.
const growing = 2 * time.Second

// halfClosed reports whether the peer has closed every one of the connections.
func halfClosed(list []*socket.Socket) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(s *socket.Socket) bool { return s.State != socket.CloseWait })
}

// prefer returns both lists without what is said twice: of two findings about
// the same sockets the worse stays, or else the first.
func prefer(first, second []leak.Finding) []leak.Finding {
	for _, f := range second {
		same := func(g leak.Finding) bool { return overlap(g.Sockets, f.Sockets) }
		if slices.ContainsFunc(first, func(g leak.Finding) bool { return same(g) && g.Level >= f.Level }) {
			continue
		}
		first = append(slices.DeleteFunc(first, same), f)
	}
	return first
}

func overlap(a, b []*socket.Socket) bool {
	return slices.ContainsFunc(a, func(s *socket.Socket) bool { return slices.Contains(b, s) })
}

// fold adds suspects to a leak of the same kind at the same place: of twenty
// equal connections the last is not another matter because it is younger.
func (l *life) fold() {
	at := slices.IndexFunc(l.findings, func(f leak.Finding) bool { return f.Level >= leak.Leak && halfClosed(f.Sockets) })
	if at < 0 {
		return
	}
	l.findings[0], l.findings[at] = l.findings[at], l.findings[0] // DeleteFunc moves the others
	worst := &l.findings[0]
	l.findings = slices.DeleteFunc(l.findings, func(f leak.Finding) bool {
		if f.Level != leak.Suspect || f.Local != worst.Local || f.Remote != worst.Remote || !halfClosed(f.Sockets) {
			return false
		}
		join(worst, f.Sockets, fmt.Sprintf("%s of these would prove nothing alone (%s)", words.Plural(len(f.Sockets), "socket"), f.Rule))
		return true
	})
}

// join adds sockets to a finding, which others may share, and says why; the
// summary counts them as well.
func join(f *leak.Finding, more []*socket.Socket, why string) {
	was := words.Plural(len(f.Sockets), "socket")
	f.Sockets = slices.Concat(f.Sockets, more)
	f.Summary = strings.Replace(f.Summary, was, words.Plural(len(f.Sockets), "socket"), 1)
	f.Evidence = append(slices.Clone(f.Evidence), why)
}

// explained returns the sockets that a finding names.
func (l *life) explained() map[socket.ID]bool {
	set := map[socket.ID]bool{}
	for i := range l.findings {
		if l.findings[i].Level < leak.Suspect {
			continue
		}
		for _, s := range l.findings[i].Sockets {
			set[s.ID()] = true
		}
	}
	return set
}
