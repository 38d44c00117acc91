"""Ten connections, one after another, each used once and kept; then nothing
happens any more. Nobody waits for them. In one look that is a suspicion: a
pool could be made for it.

Stands for: a client for each job, in a job that has come to an end.
Fix: one client for all jobs, or close it after each.
"""
import socket
import sys
import time

kept = []
for _ in range(10):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.sendall(b"GET /\n")
    s.recv(100)
    kept.append(s)
    time.sleep(0.3)
time.sleep(120)
