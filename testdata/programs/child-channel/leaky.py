"""A socket pair per child process; the child ends, the parent keeps its end.

Stands for: process managers that reap the child and forget its channel.
Fix: close the parent's end when the child is waited for.
"""
import socket
import subprocess
import time

channels = []
while True:
    ours, theirs = socket.socketpair()
    subprocess.run(["true"], stdin=theirs)
    theirs.close()
    channels.append(ours)  # wrong: the child is gone
    time.sleep(0.05 if len(channels) < 14 else 2)
