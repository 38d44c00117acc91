"""close() at the end of a function is skipped by an exception, and the
exception is kept: its traceback refers to the frame of fetch, and that to the
connection."""
import socket
import sys
import threading

failures = []


def fetch():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"price?\n")
    price = int(connection.recv(100))  # ValueError
    connection.close()
    return price


for _ in range(6):
    try:
        fetch()
    except ValueError as error:
        failures.append(error)
print("ready", flush=True)
threading.Event().wait()
