"""Ten connections of a pool that fell silent; each was used several times.

Stands for: a pool after its busy hour.
"""
import itertools
import socket
import sys
import time

pool = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(10)]
for s in itertools.islice(itertools.cycle(pool), 40):
    s.sendall(b"GET /\n")
    s.recv(100)
    time.sleep(0.05)
time.sleep(120)
