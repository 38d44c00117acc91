"""Five workers, each with a socketpair to the master. They compute, and the
master waits for them to end: nobody waits at either end just now.

Stands for: prefork servers with a control channel per worker.
"""
import os
import socket
import time

kept = []
for _ in range(5):
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        while True:
            time.sleep(40)
            theirs.sendall(b"alive\n")
    theirs.close()
    kept.append(ours)
os.wait()
