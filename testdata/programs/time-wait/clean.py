"""The same server after a quiet hour: twenty sockets in TIME_WAIT."""
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    with listener.accept()[0] as connection:
        connection.sendall(connection.recv(100))
