"""A wrapper that starts its real program and waits for it. The program opens
its own connections, without FD_CLOEXEC as C programs do.

Stands for: entrypoint scripts, supervisors, init in a container.
"""
import subprocess
import sys

PROGRAM = """
import os, socket, sys, time
kept = []
for _ in range(4):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.set_inheritable(True)
    s.sendall(b"x")
    s.recv(1)
    kept.append(s)
time.sleep(120)
"""
subprocess.run([sys.executable, "-c", PROGRAM, sys.argv[1]])
