"""A UNIX connection per question to a local daemon, which closes; the client
never does.

Stands for: clients of Docker, D-Bus or a database on a UNIX socket.
Fix: `with socket.socket(socket.AF_UNIX) as s:`.
"""
import socket
import sys
import time

asked = []
while True:
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.sendall(b"question\n")
    s.recv(100)
    asked.append(s)
    time.sleep(0.05 if len(asked) < 14 else 1.5)
