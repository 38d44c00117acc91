"""The handler dies on a bad line; close() is on the path that was skipped.

Stands for: close() at the end of a handler instead of in `finally`; an
exception leaves the connection open and unread in a registry.
Fix: try/finally, or `with connection:`.
"""
import socket
import sys
import threading

clients = {}


def serve(connection, address):
    clients[address] = connection
    while line := connection.recv(4096):
        connection.sendall(b"%d\n" % (2 * int(line)))  # ValueError: the thread ends here
    del clients[address]
    connection.close()


threading.excepthook = lambda args: None
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=listener.accept(), daemon=True).start()
