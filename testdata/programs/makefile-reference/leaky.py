"""close() is called, but the file made by makefile() is still referenced, and
so the socket stays open.

Stands for: CPython defers the real close until the last makefile() is closed.
Fix: close the file as well (`with connection, connection.makefile() as f`),
or shutdown() before close().
"""
import socket
import sys
import time

readers = []
while True:
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    reader = connection.makefile("rb")
    connection.sendall(b"question\n")
    reader.readline()
    connection.close()  # wrong: the reader still holds it
    readers.append(reader)
    time.sleep(0.05 if len(readers) < 12 else 1.5)
