"""A client fires its records, never reads the answers and never closes.

Stands for: fire-and-forget notifications where "done" means "sent"; the
server has answered and closed long ago.
Fix: read the answer, then close: `with socket.create_connection(...)`.
"""
import socket
import sys
import time

sent = []
for i in range(1000):
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"20")
    sent.append(connection)
    time.sleep(0.05 if i < 10 else 2)
