"""Closes with megabytes unsent to clients that never read: the descriptors
are gone, the kernel keeps the sockets (FIN_WAIT1, no owner) and their memory.

Stands for: servers without a limit on clients that stall.
Whether the clients are gone or only slow cannot be seen.
Fix: TCP_USER_TIMEOUT or SO_LINGER with a timeout before close().
"""
import socket
import sys
import threading


def serve(connection):
    with connection:
        connection.recv(100)
        connection.setblocking(False)
        try:
            while True:
                connection.send(b"x" * 65536)
        except BlockingIOError:
            pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
