package cli

import "testing"

// TestCommandNames: a command is made by the name that the list has for it.
func TestCommandNames(t *testing.T) {
	for _, c := range commands() {
		cmd := c.make(Env{})
		if cmd.Name() != c.name {
			t.Errorf("the list calls %q %q", cmd.Name(), c.name)
		}
		if len(cmd.Aliases) > 0 {
			t.Errorf("%s has aliases, by which it would not be found", c.name)
		}
	}
}
