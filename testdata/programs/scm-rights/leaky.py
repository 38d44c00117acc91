"""Descriptors that come over a UNIX socket (SCM_RIGHTS) are served and never
closed.

Stands for: recvmsg() of descriptors as plain integers, which no destructor
closes.
Fix: wrap at once (socket.socket(fileno=fd)) and use `with`, or os.close(fd).
"""
import os
import socket
import sys

channel = socket.socket(fileno=int(sys.argv[1]))
while True:
    _, fds, _, _ = socket.recv_fds(channel, 10, 4)
    for fd in fds:
        os.write(fd, os.read(fd, 100))  # wrong: no os.close(fd)
