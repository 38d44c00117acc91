"""Ten connections to a local service in a pool, used in turn.

Stands for: a pooled client of a UNIX socket.
"""
import itertools
import socket
import sys
import time

pool = []
for number in range(10):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    pool.append(s)
for s in itertools.cycle(pool):
    s.sendall(b"ping\n")
    s.recv(100)
    time.sleep(0.5)
