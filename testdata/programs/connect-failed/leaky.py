"""A reconnect loop keeps the socket of every refused attempt.

Stands for: connect() in a try whose except only logs.
Fix: close the socket in the except branch, or use socket.create_connection(),
which does.
"""
import socket
import sys
import time

attempts = []
while True:
    s = socket.socket()
    attempts.append(s)
    try:
        s.connect(("127.0.0.1", int(sys.argv[1])))
    except ConnectionRefusedError:
        pass  # wrong: s stays open
    time.sleep(0.05 if len(attempts) < 15 else 2)
