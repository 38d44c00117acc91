"""The sockets of a process tree, from /proc: an independent witness that a
program is in the state on its label."""
import os
from collections import namedtuple

# include/net/tcp_states.h
STATES = ["", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
          "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"]

# state is "UDP", "UNIX", "NONE" (in no table) or a TCP state.
Socket = namedtuple("Socket", "pid fd inode state local_port remote_port unread unsent")


def descendants(pid):
    """pid and everything below it."""
    found = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as f:
                for child in f.read().split():
                    found += descendants(int(child))
    except OSError:
        pass
    return found


def table(pid):
    """inode -> (state, local port, remote port, unread, unsent)"""
    rows = {}
    for name in "tcp", "tcp6", "udp", "udp6":
        for f in lines(f"/proc/{pid}/net/{name}"):
            state = STATES[int(f[3], 16)] if name.startswith("tcp") else "UDP"
            unsent, unread = (int(n, 16) for n in f[4].split(":"))
            rows[int(f[9])] = (state, port(f[1]), port(f[2]), unread, unsent)
    for f in lines(f"/proc/{pid}/net/unix"):
        rows[int(f[6])] = ("UNIX", 0, 0, 0, 0)
    return rows


def lines(path):
    with open(path) as f:
        next(f)
        return [line.split() for line in f]


def port(address):
    return int(address.rsplit(":", 1)[1], 16)


def sockets_of(pids):
    """One Socket per descriptor."""
    found = []
    for pid in pids:
        try:
            rows = table(pid)
            fds = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        for fd in fds:
            try:
                link = os.readlink(f"/proc/{pid}/fd/{fd}")
            except OSError:
                continue
            if link.startswith("socket:["):
                inode = int(link[8:-1])
                found.append(Socket(pid, int(fd), inode, *rows.get(inode, ("NONE", 0, 0, 0, 0))))
    return found
