package live

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// command is one that can be copied, and what it is good for.
type command struct {
	text, means string
}

// commands lists what there is to copy about the page that it was called from.
func (m *Model) commands(p *page) body {
	t := &table[command]{
		key:    func(c *command) any { return c.text },
		search: func(c *command) string { return c.text },
		more:   func(c *command) string { return c.text },
		columns: []column[command]{{title: "COMMAND", width: 10, flex: true,
			text:    func(_ Style, c *command) (string, role) { return c.means, strong },
			compare: func(a, b *command) int { return 0 }}},
	}
	for _, c := range m.commandsFor(p.from) {
		t.rows = append(t.rows, &c)
	}
	return body{head: wrap("c or enter copies the one under the cursor; where the terminal does not take it (OSC 52), select it here", m.textWidth()), table: t}
}

// copy opens the list of commands, or copies the one that is chosen there.
func (m *Model) copy() []Effect {
	p := m.here()
	if p.kind == commands {
		return m.enter()
	}
	if m.shown == nil {
		return nil
	}
	from := *p
	m.open(page{kind: commands, from: &from})
	return nil
}

// commandsFor returns the commands for what is under the cursor of a page.
func (m *Model) commandsFor(p *page) []command {
	s := m.shown
	if p.kept != nil {
		s = p.kept
	}
	var list []command
	pid := p.process.PID
	switch key := p.key.(type) {
	case socket.ID:
		list = m.socketCommands(s, key)
		if k := s.socket(key); k != nil && k.Owner != nil {
			pid = k.Owner.ID.PID
		}
	case socket.ProcessID:
		pid = key.PID
	case place:
		list = m.findingCommands(s, key)
		pid = key.process.PID
	}
	switch p.kind {
	case oneSocket:
		list = m.socketCommands(s, p.socket)
		if k := s.socket(p.socket); k != nil && k.Owner != nil {
			pid = k.Owner.ID.PID
		}
	case finding:
		list = append(list, m.findingCommands(s, p.finding)...)
		pid = p.finding.process.PID
	case explanation:
		list = append(list, command{"sockleak explain " + p.subject, "what it means"})
	}
	if pid == 0 && len(s.Processes) == 1 {
		pid = s.Processes[0].ID.PID
	}
	return append(list, processCommands(pid)...)
}

// processCommands are those about a process, or all.
func processCommands(pid int) []command {
	if pid == 0 {
		return []command{{"sockleak scan --for 30s", "judge the whole machine"}, {"ss -tanpoe", "every TCP socket"}}
	}
	return []command{
		{fmt.Sprintf("sockleak scan %d --for 30s --sockets", pid), "judge the process, with its sockets"},
		{fmt.Sprintf("sockleak trace %d", pid), "who opens what leaks, and at which line (needs CAP_BPF)"},
		{fmt.Sprintf("ss -tanpoe | grep -w pid=%d", pid), "its TCP sockets"},
		{fmt.Sprintf("gdb -p %d -batch -ex 'thread apply all bt'", pid), "where its threads are (stops it for a moment)"},
	}
}

func (m *Model) findingCommands(s *Sample, key place) []command {
	list := []command{{"sockleak explain " + key.rule, "what the rule means, and how to fix it"}}
	for i := range s.Findings {
		f := &s.Findings[i]
		if f.place != key || len(f.Sockets) == 0 || !f.Sockets[0].IsTCP() {
			continue
		}
		text := "ss -tanpoie state " + ssState(f.Sockets[0].State)
		if f.Local.IsValid() {
			text += fmt.Sprintf(" 'sport = :%d'", f.Local.Port())
		}
		if f.Remote.IsValid() {
			text += " dst " + ssAddress(f.Remote)
		}
		list = append(list, command{m.inNamespace(s, f.Sockets[0]) + text, "its sockets, as ss sees them"})
	}
	return list
}

func (m *Model) socketCommands(s *Sample, id socket.ID) []command {
	k := s.socket(id)
	switch {
	case k == nil:
		return nil
	case k.IsTCP() || k.IsUDP():
		text := "ss -tanpoie"
		if k.IsUDP() {
			text = "ss -uanpe"
		}
		text += " src " + ssAddress(k.Local)
		if k.Remote.IsValid() {
			text += " dst " + ssAddress(k.Remote)
		}
		return []command{{m.inNamespace(s, k.Socket) + text, "this socket, as ss sees it"}}
	case k.Family == socket.Unix && k.Inode != 0:
		return []command{{fmt.Sprintf("%sss -xanpe | grep -w %d", m.inNamespace(s, k.Socket), k.Inode), "this socket, as ss sees it"}}
	}
	return nil
}

// inNamespace enters the network namespace of a socket, where it is another one.
func (m *Model) inNamespace(s *Sample, k *socket.Socket) string {
	if m.opt.NetNS == 0 || k.NetNS == m.opt.NetNS || k.NetNS == 0 || len(k.Holders) == 0 {
		return ""
	}
	return fmt.Sprintf("nsenter -t %d -n ", k.Holders[0].Process.PID)
}

// ssState is a state as ss(8) takes it.
func ssState(s socket.State) string {
	switch s {
	case socket.FinWait1, socket.FinWait2:
		return strings.ToLower(strings.Replace(s.String(), "_WAIT", "-wait-", 1))
	case socket.Listen:
		return "listening"
	case socket.Close:
		return "closed"
	}
	return strings.ToLower(strings.ReplaceAll(s.String(), "_", "-"))
}

func ssAddress(a netip.AddrPort) string {
	if a.Addr().IsUnspecified() {
		return fmt.Sprintf("':%d'", a.Port())
	}
	if a.Addr().Is6() {
		return fmt.Sprintf("'[%s]:%d'", a.Addr().WithZone(""), a.Port())
	}
	return a.String()
}
