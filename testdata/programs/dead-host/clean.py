"""The same clients with a timeout: they give up, close, and try again."""
import socket
import sys
import threading
import time


def ask():
    while True:
        try:
            with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3) as connection:
                while True:
                    connection.sendall(b"question\n")
                    connection.recv(100)
                    time.sleep(1)
        except OSError:
            time.sleep(1)


for _ in range(4):
    threading.Thread(target=ask).start()
