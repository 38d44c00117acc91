"""A pool of ten that was in use; the server has closed all of them at once.
Each is replaced when its turn comes, one every three seconds.

Stands for: connection pools after the database was restarted.
"""
import collections
import socket
import sys
import time


def dial():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])))


pool = collections.deque(dial() for _ in range(10))
for number in range(1000):
    connection = pool.popleft()
    try:
        connection.sendall(b"question\n")
        if not connection.recv(100) or number > 200 and not connection.recv(100):
            raise ConnectionError
    except OSError:
        connection.close()
        connection = dial()
    pool.append(connection)
    time.sleep(0.01 if number < 200 else 3)
