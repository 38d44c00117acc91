package leak

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// Ignore is a kind of finding that somebody has decided to live with. All
// that it names must match.
type Ignore struct {
	Rule    string       // pattern of path.Match for the rule's ID
	Process string       // pattern of path.Match for the name of the process; "" is any
	Peer    *PeerPattern // the other end; nil is any
	Port    uint16       // the local port of the sockets; 0 is any
	// Fingerprint is that of the finding, see Finding.Fingerprint; "" is any. One
	// with a place leaves sockets alone that are known to come from another.
	Fingerprint string
	// Sockets is how many there were when the findings were accepted. From
	// twice as many on they count again, see tooMany; 0 is any number.
	Sockets int
	Summary string    // what it is about, for people; "" where nobody has said
	Reason  string    // why; "" where the command line says it
	Until   time.Time // the moment from which on it no longer counts; zero is never
	From    string    // where it stands, such as .sockleak.yaml:12
	At      *Location // the same as a place in a file; nil when it is none
}

// expired reports whether the ignore no longer counts.
func (i *Ignore) expired(now time.Time) bool { return !i.Until.IsZero() && !now.Before(i.Until) }

// tooMany reports whether there are so many more sockets than were accepted
// that it is not the same matter any more: twice as many, and several more.
func tooMany(now, accepted, several int) bool {
	return accepted > 0 && now >= 2*accepted && now-accepted >= several
}

// base and place are the parts of the fingerprint.
func (i *Ignore) base() string {
	base, _, _ := strings.Cut(i.Fingerprint, "-")
	return base
}

func (i *Ignore) place() string {
	_, place, _ := strings.Cut(i.Fingerprint, "-")
	return place
}

// about reports whether the ignore is about some sockets of the finding.
func (i *Ignore) about(snap *socket.Snapshot, f *Finding) bool {
	if i.Process != "" && !globbed(i.Process, nameOf(snap, f.Process)) {
		return false
	}
	if i.Fingerprint != "" { // the rule is in it; which of its names is shown may differ from run to run
		return f.base(snap.Process(f.Process)) == i.base()
	}
	return globbed(i.Rule, f.Rule)
}

// covers reports whether the ignore, which is about the finding, is about one
// of its sockets, or, without a socket, about the finding as a whole.
func (i *Ignore) covers(s *socket.Socket, f *Finding) bool {
	local, remote := f.Local, f.Remote
	if s != nil {
		local, remote = s.Local, s.Remote
		if place := i.place(); place != "" {
			if at := placeOpened(s); at != "" && at != place {
				return false
			}
		}
	}
	return (i.Peer == nil || i.Peer.Matches(remote)) && (i.Port == 0 || local.Port() == i.Port)
}

// count returns how many of the sockets of the finding it covers; found is
// whether it covers the finding in part at least.
func (i *Ignore) count(snap *socket.Snapshot, f *Finding) (sockets int, found bool) {
	if !i.about(snap, f) {
		return 0, false
	}
	for _, s := range f.Sockets {
		if i.covers(s, f) {
			sockets++
		}
	}
	return sockets, sockets > 0 || len(f.Sockets) == 0 && i.covers(nil, f)
}

// globbed reports whether the pattern, which was checked when it was read,
// matches the name. To path.Match a slash is special; in the name of a process
// it is a letter like others.
func globbed(pattern, name string) bool {
	plain := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	ok, err := path.Match(plain(pattern), plain(name))
	return ok && err == nil || pattern == name
}

func nameOf(snap *socket.Snapshot, id socket.ProcessID) string {
	if p := snap.Process(id); p != nil {
		return p.Name
	}
	return ""
}

// finding is what an expired ignore amounts to. list is what was found.
func (i *Ignore) finding(snap *socket.Snapshot, list []Finding) Finding {
	covered := 0
	for j := range list {
		if _, found := i.count(snap, &list[j]); found {
			covered++
		}
	}
	rule := ExpiredIgnore()
	f := Finding{
		Rule: rule.ID, Level: rule.Severity, Location: i.At, Fix: rule.Remedy.Any[socket.RuntimeUnknown],
		Summary: fmt.Sprintf("%s ignores %s until %s, which is over", i.From, i.Rule, i.lastDay()),
	}
	if i.Reason != "" {
		f.Evidence = []string{"the reason given was: " + i.Reason}
	}
	if covered > 0 {
		f.Evidence = append(f.Evidence, words.Plural(covered, "finding")+" of this run would be ignored by it, and no longer are")
	} else {
		f.Evidence = append(f.Evidence, "nothing that this run found would be ignored by it")
	}
	return f
}

// lastDay is the date as it was written: the last day on which it counts.
func (i *Ignore) lastDay() string { return i.Until.AddDate(0, 0, -1).Format(time.DateOnly) }

// ExpiredIgnore is the rule of the findings about ignores that have expired.
// It judges no socket, and its Check finds nothing: Filter.Apply does.
func ExpiredIgnore() Rule {
	return Rule{
		ID: "expired-ignore", Title: "an ignore in the settings file has expired", Severity: Suspect,
		Doc: Doc{
			Means: "Somebody decided to live with a finding until a date, and the date has passed. The finding counts " +
				"again, and this one says why it is back.",
			Causes:    "The fix that was planned has not been made, or the entry was forgotten after it was.",
			Evidence:  "The date of the entry, and the time of the sample.",
			BlindSpot: "Whether the entry is still needed, when this run has not looked at the process that it is about. An entry counts on its last day too.",
		},
		Remedy: Remedy{Any: Advice{socket.RuntimeUnknown: "fix the leak and delete the entry, or decide again and give it another date"}},
		Check:  func(*Case) []Finding { return nil },
	}
}
