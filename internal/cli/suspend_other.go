//go:build !unix

package cli

import tea "charm.land/bubbletea/v2"

// stops has nothing to do on systems that cannot stop a program.
type stops struct{}

// continued is never sent there.
type continued struct{}

func newStops() stops { return stops{} }

func (stops) watch(*tea.Program) (end func()) { return func() {} }

func (stops) suspend() tea.Cmd { return nil }

func (stops) redraw() tea.Cmd { return nil }
