"""A connection per request, each closed at once: 180 sockets in TIME_WAIT to
one destination, of 200 ephemeral ports.

Not a leak: nothing is held. But connect() fails soon (EADDRNOTAVAIL).
Fix: keep connections open and reuse them.
"""
import socket
import sys
import time

for _ in range(180):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
        s.sendall(b"x")
    time.sleep(0.01)
time.sleep(120)
