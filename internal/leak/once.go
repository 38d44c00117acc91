package leak

import (
	"cmp"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// The pattern of connections that are opened for one use and then kept.
const (
	// onceMin is the smallest number in which the order can be told from
	// chance: five in order by accident is one in 120.
	onceMin = 5
	// onceGap is the time between two uses from which on the later
	// connection was opened although the earlier one was idle.
	onceGap = 20 * time.Millisecond
)

// usedOnce reports whether the connections of one destination were opened one
// after another, each used and then left, although idle ones were there: a
// pool would have used those again. It is seen in one look: in the order in
// which the sockets were made (inodes are given out in rising order), the last
// use of each is later than that of the one before, and all are idle now.
func (c *Case) usedOnce(list []*socket.Socket) bool {
	if len(list) < onceMin {
		return false
	}
	type use struct {
		inode uint64
		last  time.Duration
	}
	uses := make([]use, len(list))
	for i, s := range list {
		if !s.Has(socket.HasTCPInfo) || s.Inode == 0 {
			return false
		}
		uses[i] = use{s.Inode, lastUse(s)}
	}
	slices.SortFunc(uses, func(a, b use) int { return cmp.Compare(a.inode, b.inode) })
	inOrder := 0
	for i := 1; i < len(uses); i++ {
		if uses[i-1].last-uses[i].last >= onceGap {
			inOrder++
		}
	}
	pairs := len(uses) - 1
	return inOrder*10 >= pairs*9
}

// lastUse is how long ago data last moved on the socket.
func lastUse(s *socket.Socket) time.Duration { return min(s.TCP.LastDataSent, s.TCP.LastDataRecv) }
