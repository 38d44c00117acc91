"""A UDP socket per question, kept in a list and never closed.

Stands for: resolvers and statsd clients that make a socket per message.
Fix: one socket for the process, or `with socket.socket(...)`.
"""
import socket
import sys
import time

asked = []
while True:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(("127.0.0.1", int(sys.argv[1])))
    s.send(b"question")
    s.recv(100)
    asked.append(s)
    time.sleep(0.05 if len(asked) < 18 else 1.5)
