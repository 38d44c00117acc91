"""Two connections a second, each kept idle for 9 s and then closed: a level
of 18 with steady turnover."""
import collections
import socket
import sys
import time

kept = collections.deque()
while True:
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"question\n")
    connection.recv(100)
    kept.append(connection)
    if len(kept) > 18:
        kept.popleft().close()
    time.sleep(0.5)
