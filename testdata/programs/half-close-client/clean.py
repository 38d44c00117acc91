"""Sends its query, shuts its side and waits in recv() for an answer that
takes 15 s: FIN_WAIT2 held, and silent, but waited for."""
import socket
import sys
import threading


def query():
    while True:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
            connection.sendall(b"query\n")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass


for _ in range(4):
    threading.Thread(target=query).start()
