//go:build linux

package bpf

import (
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Missing names, for people, what this kernel does not show: members of
// kernel structs that it lacks, or what needs a newer version. Facts that
// depend on them are absent from Socket.Facts.
func (p *Program) Missing() []string { return slices.Clone(p.missing) }

// Concerns says which sockets one of what is Missing is about, in a word, and
// whether the socket is one of them. Where it is about all, the word is "".
func Concerns(missing string, s *socket.Socket) (word string, is bool) {
	object, _, _ := strings.Cut(missing, " ")
	object, _, _ = strings.Cut(object, ".")
	switch object {
	case unixSock.String(), skBuff.String():
		return "UNIX", s.Family == socket.Unix
	case udpSock.String():
		return "UDP", s.IsUDP()
	case mptcpSock.String():
		return "MPTCP", s.Family.IP() && s.Protocol == socket.MPTCP
	case tcpSock.String():
		return "TCP", s.IsTCP()
	}
	return "", true
}
