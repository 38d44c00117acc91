"""Two SO_REUSEPORT listeners on one port; only one is served. The kernel gives
the other its share of the clients, and nobody answers them.

Stands for: a worker's listener that the master forgot after the worker died.
Fix: close the listener of a worker that has ended.
"""
import socket
import sys


def listener():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("127.0.0.1", int(sys.argv[1])))
    s.listen(64)
    return s


served, forgotten = listener(), listener()
while True:
    connection, _ = served.accept()
    with connection:
        connection.sendall(connection.recv(100))
