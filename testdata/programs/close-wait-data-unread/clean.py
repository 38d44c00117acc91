"""A slow reader: the server has sent all and closed; the rest is still being
read, 2 KB at a time, and closed at its end."""
import socket
import sys
import time

SO_RCVBUFFORCE = 33  # asm-generic/socket.h

with socket.socket() as connection:
    connection.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
    connection.connect(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"250000")
    while connection.recv(2048):
        time.sleep(0.7)
time.sleep(120)
