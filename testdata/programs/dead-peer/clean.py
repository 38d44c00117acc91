"""The same consumers with keepalive: the loss is found out, the socket
closed, and the subscription made again."""
import socket
import sys
import threading
import time


def subscribe():
    while True:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
            connection.sendall(b"subscribe\n")
            try:
                while connection.recv(4096):
                    pass
            except OSError:
                time.sleep(0.5)


for _ in range(4):
    threading.Thread(target=subscribe).start()
