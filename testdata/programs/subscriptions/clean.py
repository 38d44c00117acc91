"""Opens a subscription a second and keeps them all: each is read by a thread
of its own and gets news now and then. Growing, and in use."""
import socket
import sys
import threading
import time


def subscribe():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"subscribe\n")
        while connection.recv(4096):
            pass


while True:
    threading.Thread(target=subscribe, daemon=True).start()
    time.sleep(1)
