"""A consumer slower than its feed: always behind, the window always full,
and always reading."""
import socket
import sys
import threading
import time


def read():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        while connection.recv(65536):
            time.sleep(0.5)


for _ in range(3):
    threading.Thread(target=read).start()
