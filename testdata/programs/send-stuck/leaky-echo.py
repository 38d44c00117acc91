"""An echo server whose clients send and never read.

Each thread blocks in sendall(), so that it does not read on either: both
queues of the connection are full. The cause is the send without a timeout.
Stands for: line protocols and proxies that answer before they read on, with
clients that pipeline without reading.
Fix: settimeout(), and close the connection that stalls.
"""
import socket
import sys
import threading


def echo(connection):
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)  # no timeout


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
