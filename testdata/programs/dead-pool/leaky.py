"""A pool takes back connections that the server has closed, and grows.

Stands for: pools that return a connection in `finally` whether it works or
not; a dead one is handed out, fails, is put back, and a new one is made.
Fix: close what failed instead of returning it; test a connection on borrow.
"""
import collections
import socket
import sys
import time

pool = collections.deque()


def ask():
    connection = pool.popleft() if pool else dial()
    try:
        connection.sendall(b"question\n")
        if not connection.recv(100):
            raise ConnectionError("closed by the server")
    except OSError:
        pool.append(dial())
    finally:
        pool.append(connection)  # wrong: also when it is dead


def dial():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])))


n = 0
while True:
    ask()
    n += 1
    time.sleep(0.05 if n < 30 else 0.8)
