"""close() was called, and a thread reads what makefile() has returned: this is
how urllib reads an answer.
"""
import socket
import sys
import threading


def ask():
    while True:
        connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        reader = connection.makefile("rb")
        connection.sendall(b"question\n")
        connection.close()
        with reader:
            for line in reader:
                pass


for _ in range(6):
    threading.Thread(target=ask).start()
