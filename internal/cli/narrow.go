package cli

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// narrowFlags are the flags that narrow what is shown and judged.
type narrowFlags struct {
	config  settingsFlags
	minAge  time.Duration
	states  []string
	peers   []string
	ignores []string
}

func (f *narrowFlags) add(cmd *cobra.Command) {
	f.config.add(cmd)
	flags := cmd.Flags()
	durationVar(cmd, &f.minAge, "min-age", 0, "only sockets that have been in their state for at least this `duration`, such as 90s or 2d")
	flags.StringSliceVar(&f.states, "state", nil, "only sockets in one of these `states`, such as close_wait,established")
	flags.StringArrayVar(&f.peers, "peer", nil, "only sockets connected to `ADDR[/BITS][:PORT]`, repeatable")
	flags.StringArrayVar(&f.ignores, "ignore", nil, "leave out findings of `RULE[@PEER]`, repeatable; RULE may be a pattern such as 'close-wait-*'")
	_ = cmd.RegisterFlagCompletionFunc("state", completeList(stateNames))
	_ = cmd.RegisterFlagCompletionFunc("ignore", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return ruleIDs(), cobra.ShellCompDirectiveNoFileComp
	})
}

// judgement reads the settings file and parses the flags, which add to it.
func (f *narrowFlags) judgement() (judgement, error) {
	j, err := f.config.read()
	if err != nil {
		return j, err
	}
	err = f.narrow(&j.filter)
	return j, err
}

// narrow adds to the filter what the flags say.
func (f *narrowFlags) narrow(out *leak.Filter) error {
	out.MinAge = f.minAge
	for _, name := range f.states {
		state, ok := parseState(name)
		if !ok {
			return usage("--state %q: no such state%s; use one of %s", name, didYouMean(strings.ReplaceAll(name, "-", "_"), stateNames()), strings.Join(stateNames(), ", "))
		}
		out.States |= socket.StateSet(state)
	}
	for _, text := range f.peers {
		p, err := leak.ParsePeer(text)
		if err != nil {
			return usage("--peer %w", err)
		}
		out.Peers = append(out.Peers, p)
	}
	for _, text := range f.ignores {
		i, err := parseIgnore(text)
		if err != nil {
			return err
		}
		out.Ignores = append(out.Ignores, i)
	}
	return nil
}

// parseIgnore parses RULE[@PEER].
func parseIgnore(text string) (leak.Ignore, error) {
	rule, peer, hasPeer := strings.Cut(text, "@")
	i := leak.Ignore{Rule: rule, From: "--ignore " + text}
	if !knownRule(rule) {
		return i, usage("--ignore %q: no rule is called %q%s; sockleak explain lists them", text, rule, didYouMean(rule, ruleIDs()))
	}
	if hasPeer {
		p, err := leak.ParsePeer(peer)
		if err != nil {
			return i, usage("--ignore %q: %w", text, err)
		}
		i.Peer = &p
	}
	return i, nil
}

// knownRule reports whether the pattern matches at least one rule.
func knownRule(pattern string) bool {
	return slices.ContainsFunc(ruleIDs(), func(id string) bool {
		ok, err := path.Match(pattern, id)
		return ok && err == nil
	})
}

func ruleIDs() []string {
	var ids []string
	for _, r := range allRules() {
		ids = append(ids, r.ID)
	}
	return ids
}

// parseState takes a state as this program, ss(8) or somebody in a hurry
// writes it: CLOSE_WAIT, close-wait, Close_Wait.
func parseState(name string) (socket.State, bool) {
	name = strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(name), "-", "_"))
	return socket.ParseState(name)
}

func stateNames() []string {
	var names []string
	for s := socket.Established; s <= socket.BoundInactive; s++ {
		names = append(names, strings.ToLower(s.String()))
	}
	return names
}
