"""The same client, whose hosts close idle connections.

Fix: one client for each host, or close it after the answer.
"""
import itertools
import socket
import sys
import time

kept = []
for number in itertools.count():
    connection = socket.create_connection((f"127.0.2.{number % 16 + 1}", int(sys.argv[1])))
    connection.sendall(b"question\n")
    connection.recv(100)
    kept.append(connection)
    time.sleep(0.05 if number < 16 else 1.2)
