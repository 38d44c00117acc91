package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// sample adds samples to the history until the time is over. It adds to the
// last one what only suspicious sockets are worth, and returns what was found.
// When it is interrupted, what was seen so far is judged.
func (s *session) sample(ctx context.Context, o *lookFlags, h *track.History) ([]leak.Finding, error) {
	if err := s.poll(ctx, o, h); err != nil {
		return nil, err
	}
	return s.detail(context.WithoutCancel(ctx), h)
}

const (
	// maxStacks bounds of how many sockets it is found out where in the program
	// somebody waits for them, unless a finding is about them.
	maxStacks = 512
	// maxFound bounds it for those of findings: some 4 us for each in a Go program.
	maxFound = 10_000
)

// detail finds out, of the newest sample of the history, what its verdict
// hangs on, and then where in the program the sockets are waited for that it
// is about, and what the language thinks of those that nobody waits for. The
// verdict may become milder or firmer by that: what is found then is returned.
// Of a few processes it is also said where all others are waited for, which
// changes no verdict.
func (s *session) detail(ctx context.Context, h *track.History) ([]leak.Finding, error) {
	set := s.judgement.settings
	if err := s.scanner.Detail(ctx, h.Now(), rules.Questions(h, set)); err != nil {
		return nil, err
	}
	var ask socket.Questions
	asked, left := map[*socket.Socket]bool{}, 0
	add := func(list []*socket.Socket) {
		for _, o := range list {
			switch {
			case len(o.Holders) == 0 || asked[o]:
			case len(ask.Stacks) >= maxFound:
				left++
			default:
				asked[o] = true
				ask.Stacks = append(ask.Stacks, o)
			}
		}
	}
	found := rules.Judge(h, set)
	for i := range found {
		add(found[i].Sockets)
	}
	add(leak.Objects(h, set))
	ask.Acceptors = leak.Acceptors(h.Now(), found)
	ask.Lines = others(h.Now(), asked)
	if len(ask.Stacks)+len(ask.Lines)+len(ask.Acceptors) == 0 {
		return found, nil
	}
	if left > 0 {
		h.Now().Gaps = append(h.Now().Gaps, socket.Gap{Where: "where in the program some sockets are waited for", Count: left,
			Why: fmt.Sprintf("no more than %d are looked up", maxFound)})
	}
	if err := s.scanner.Detail(ctx, h.Now(), &ask); err != nil || len(ask.Stacks)+len(ask.Acceptors) == 0 {
		return found, err
	}
	return rules.Judge(h, set), nil
}

// mostNamed is of how many target processes it is said where they wait for
// sockets that no finding is about.
const mostNamed = 4

// others returns the sockets of the targets that have not been asked about.
func others(snap *socket.Snapshot, asked map[*socket.Socket]bool) []*socket.Socket {
	targets := map[socket.ProcessID]bool{}
	for i := range snap.Processes {
		if snap.Processes[i].Target {
			targets[snap.Processes[i].ID] = true
		}
	}
	if len(targets) > mostNamed {
		return nil
	}
	var rest []*socket.Socket
	for _, o := range snap.Sockets {
		if len(o.Holders) > 0 && targets[o.Holders[0].Process] && len(asked)+len(rest) < maxStacks && !asked[o] {
			rest = append(rest, o)
		}
	}
	return rest
}

// poll takes the samples.
func (s *session) poll(ctx context.Context, o *lookFlags, h *track.History) error {
	begin := s.env.Now()
	next := begin
	talk := newProgress(s.env)
	defer talk.done()
	for {
		snap, err := s.sampleOnce(ctx)
		switch {
		case err == nil:
			h.Add(snap)
		case h.Now() == nil:
			return err
		case ctx.Err() == nil:
			h.Now().Gaps = append(h.Now().Gaps, lostTarget(err))
			return nil
		}
		elapsed := s.env.Now().Sub(begin)
		if elapsed >= o.duration {
			return nil
		}
		talk.say(fmt.Sprintf("sampling: %s of %s", elapsed.Round(time.Second), o.duration))
		next = next.Add(o.interval)
		if !sleep(ctx, min(next.Sub(s.env.Now()), o.duration-elapsed)) {
			return nil
		}
	}
}

// sleep waits, and reports whether it waited to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
