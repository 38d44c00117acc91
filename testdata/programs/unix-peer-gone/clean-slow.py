"""A client of a local service that drops its answerer's connections a second
after the service has closed them.

Stands for: a loop that cleans up now and then.
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
    if len(asked) > 12:
        asked.pop(0).close()
    time.sleep(0.1)
