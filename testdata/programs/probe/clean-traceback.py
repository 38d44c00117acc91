"""The same errors, with the connection closed on the way out."""
import socket
import sys
import time

errors = []


def probe():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"ping\n")
        return int(connection.recv(100))


while True:
    try:
        probe()
    except ValueError as e:
        errors.append(e)
    time.sleep(0.2)
