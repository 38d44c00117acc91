"""A master that makes a socketpair for each worker, closes neither end when
the worker has ended, and starts the next.

Stands for: control channels of dead workers (LearnBoost cluster, uwsgi).
Fix: close the worker's end after fork(), and the other when it has ended.
"""
import os
import socket
import time

kept = []
while True:
    ours, theirs = socket.socketpair()
    worker = os.fork()
    if worker == 0:
        os._exit(0)
    kept.append((ours, theirs))  # nobody reads this list
    os.waitpid(worker, 0)
    time.sleep(0.05 if len(kept) < 20 else 1)
