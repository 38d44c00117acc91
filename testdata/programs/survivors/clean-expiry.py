"""A connection to a local service for each call, closed by the garbage of a
cache after eight seconds.

Stands for: clients with an idle time-out.
"""
import collections
import socket
import sys
import time

kept = collections.deque()
while True:
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.sendall(b"ping\n")
    s.recv(100)
    kept.append((time.monotonic(), s))
    while time.monotonic() - kept[0][0] > 8:
        kept.popleft()[1].close()
    time.sleep(1)
