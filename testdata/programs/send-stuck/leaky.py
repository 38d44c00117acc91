"""A publisher's threads block in sendall() to subscribers that never read.

Stands for: servers without a send timeout; every stalled client costs a
thread and a full send buffer for ever.
Fix: settimeout() or TCP_USER_TIMEOUT, and close the connection that stalls.
"""
import socket
import sys
import threading


def publish(connection):
    with connection:
        while True:
            connection.sendall(b"news " * 10000)  # no timeout


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=publish, args=(listener.accept()[0],), daemon=True).start()
