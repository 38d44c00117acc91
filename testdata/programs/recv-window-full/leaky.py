"""Reader threads die of a bad line; their sockets stay open and unread.

Stands for: feed readers whose exception ends the thread, not the connection.
The receive window fills and the sender blocks.
Fix: `with connection:` in the thread, so that its end closes the socket.
"""
import socket
import sys
import threading

feeds = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(3)]


def read(connection):
    for line in connection.makefile("rb"):
        int(line)  # ValueError: the thread ends, the socket does not


threading.excepthook = lambda args: None
for feed in feeds:
    threading.Thread(target=read, args=(feed,)).start()
threading.Event().wait()
