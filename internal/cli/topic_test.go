package cli

import (
	"slices"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestTopics: every state of TCP has a page, every page says something, and what
// it refers to is there.
func TestTopics(t *testing.T) {
	seen := map[string]bool{}
	for _, topic := range allTopics() {
		if seen[topic.name] || slices.Contains(ruleIDs(), topic.name) {
			t.Errorf("two things are called %s", topic.name)
		}
		seen[topic.name] = true
		if topic.title == "" || len(topic.parts) < 2 {
			t.Errorf("%s has no title, or only %d parts", topic.name, len(topic.parts))
		}
		for _, id := range topic.rules {
			if !slices.Contains(ruleIDs(), id) {
				t.Errorf("%s refers to the rule %s, which is not there", topic.name, id)
			}
		}
	}
	for s := socket.Established; s <= socket.BoundInactive; s++ {
		if !seen[s.String()] && s != socket.NewSynRecv { // the kernel's own name of SYN_RECV without a socket
			t.Errorf("the state %s is not explained", s)
		}
	}
}
