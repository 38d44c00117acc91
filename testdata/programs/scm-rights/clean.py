"""The same receiver; each descriptor becomes a socket that is closed."""
import socket
import sys

channel = socket.socket(fileno=int(sys.argv[1]))
while True:
    _, fds, _, _ = socket.recv_fds(channel, 10, 4)
    for fd in fds:
        with socket.socket(fileno=fd) as connection:
            connection.sendall(connection.recv(100))
