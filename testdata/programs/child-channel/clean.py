"""A socket pair per child process, closed when the child has ended; three
children live on, silent."""
import socket
import subprocess
import time

alive = []
for _ in range(3):
    ours, theirs = socket.socketpair()
    alive.append((subprocess.Popen(["cat"], stdin=theirs, stdout=theirs), ours))
    theirs.close()
while True:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        subprocess.run(["true"], stdin=theirs)
    time.sleep(0.2)
