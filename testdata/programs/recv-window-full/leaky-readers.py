"""Five feeds with a reader thread each; those of three die of a bad line, and
their connections stay open and unread.

Stands for: consumers with a thread for each subscription. That fewer threads are
left than connections that nobody reads shows that no reader comes back.
Fix: `with connection:` in the thread, so that its end closes the socket.
"""
import socket
import sys
import threading

feeds = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(5)]


def read(connection):
    for line in connection.makefile("rb"):
        int(line)  # ValueError: the thread ends, the socket does not


threading.excepthook = lambda args: None
for feed in feeds:
    threading.Thread(target=read, args=(feed,)).start()
threading.Event().wait()
