"""A process for each session. In each, a helper that checked who logs in has
ended, and the session keeps its end of the socket pair to it until it ends too.

Stands for: sshd, whose sessions keep the channel to the process that
authenticated, and other daemons with separated privileges.
"""
import os
import socket
import time


def session():
    ours, theirs = socket.socketpair()
    helper = os.fork()
    if helper == 0:
        os._exit(0)
    theirs.close()
    os.waitpid(helper, 0)
    time.sleep(600)
    ours.close()


for n in range(60):
    if os.fork() == 0:
        session()
        os._exit(0)
    time.sleep(0.05 if n < 14 else 1.5)
time.sleep(600)
