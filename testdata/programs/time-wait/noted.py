"""A busy server that closes first, as HTTP/1.0 servers do: 300 sockets in
TIME_WAIT on its port. Not a leak, worth a line.

Fix: nothing; let the client close first where ports run short.
"""
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    with listener.accept()[0] as connection:
        connection.sendall(connection.recv(100))
