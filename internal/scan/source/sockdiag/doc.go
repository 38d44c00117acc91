// Package sockdiag reads the kernel's socket tables through sock_diag(7):
// one dump per protocol, filtered in the kernel, and exact look-ups.
//
// It yields facts and knows nothing of processes: the join with descriptors
// is the caller's. No privilege is needed in one's own network namespace;
// [OpenIn] says what another one takes.
//
// What a dump is worth:
//
//   - A dump is not a moment in time. Under churn a long hash chain can miss or
//     repeat sockets that never changed, so that a caller keys what it is
//     given by [socket.Socket.ID] and expects doubles.
//   - A kernel without the diag module of a protocol answers [ErrNoModule],
//     never an empty dump: the caller takes another source and says so.
//   - Sockets in no table are not found: never bound or connected, failed to
//     connect, closed by a reset, or in another network namespace.
//   - A TCP row of a connection that is really MPTCP is its subflow. The MPTCP
//     socket, which the program holds, has the same inode, another cookie and
//     often another state: see [Conn.MPTCP].
//   - UNIX sockets that wait in an accept queue are not dumped by the kernel.
//
// The protocol is that of include/uapi/linux/{netlink,sock_diag,inet_diag,
// unix_diag,packet_diag,netlink_diag,vm_sockets_diag}.h, in the byte order of
// the machine except for ports and addresses. The code is for Linux only.
package sockdiag
