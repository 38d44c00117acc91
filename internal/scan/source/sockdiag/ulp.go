//go:build linux

package sockdiag

import "bytes"

// Attributes that name the protocol above a TCP connection
// (include/uapi/linux/inet_diag.h, include/uapi/linux/tcp.h).
const (
	inetDiagULPInfo = 19 // INET_DIAG_ULP_INFO
	inetULPInfoName = 1  // INET_ULP_INFO_NAME, in the other one
)

// MayHaveMPTCP reports whether programs may hold MPTCP sockets that the last
// [Conn.TCP] showed the subflows of. It is false only where the dump came with
// the names of the protocols above TCP, as it does for everybody since Linux
// 6.15 unless it was Brief, and none was MPTCP. An MPTCP socket that has no
// subflow (any more) is not among the rows of TCP at all.
func (c *Conn) MayHaveMPTCP() bool { return !c.plainTCP }

// isSubflow reports whether the row of a TCP socket says that MPTCP uses it.
func isSubflow(row []byte) bool {
	ulp, _ := findAttr(row[sizeofInetDiagMsg:], inetDiagULPInfo)
	name, _ := findAttr(ulp, inetULPInfoName)
	return bytes.Equal(name, []byte("mptcp\x00"))
}
