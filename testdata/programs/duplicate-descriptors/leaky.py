"""The descriptor of one connection is duplicated for each question, and the
duplicates are never closed.

Stands for: wrappers that dup() what they are given (os.fdopen(os.dup(fd)),
socket.dup()) and forget their copy. close() of the original frees nothing.
Fix: close the duplicate, or do not make one.
"""
import os
import socket
import sys
import time

connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
n = 0
while True:
    fd = os.dup(connection.fileno())  # wrong: never closed
    os.write(fd, b"question\n")
    os.read(fd, 100)
    n += 1
    time.sleep(0.05 if n < 24 else 1.5)
