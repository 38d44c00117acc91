"""A thread per connection ends its loop at EOF and forgets to close().

Stands for: handlers that keep the connection in a registry of clients and
only remove the name (the commonest CLOSE_WAIT leak in Python servers).
Fix: `with connection:` around the loop, or close() in `finally`.
"""
import socket
import sys
import threading

clients = []


def serve(connection):
    clients.append(connection)
    while True:
        data = connection.recv(4096)
        if not data:
            return  # wrong: the registry still holds the connection
        connection.sendall(b"ok " + data)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
