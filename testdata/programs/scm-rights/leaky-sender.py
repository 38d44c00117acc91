"""Connections are handed to a worker over a UNIX socket; the sender keeps its
own copy of each, so the worker's close() ends nothing.

Stands for: dispatchers that forget that SCM_RIGHTS copies.
Fix: close the connection after it was sent.
"""
import os
import socket
import sys

ours, theirs = socket.socketpair()
if os.fork() == 0:
    ours.close()
    while True:
        _, fds, _, _ = socket.recv_fds(theirs, 10, 4)
        for fd in fds:
            with socket.socket(fileno=fd) as connection:
                connection.sendall(connection.recv(100))
theirs.close()
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
sent = []
while True:
    connection, _ = listener.accept()
    socket.send_fds(ours, [b"x"], [connection.fileno()])
    sent.append(connection)  # wrong: not closed
