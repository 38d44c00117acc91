"""A thread sits in recv() for a peer that has vanished without a word: no
time-out, no keepalive."""
import socket
import sys
import threading


def fetch_report(connection):
    return connection.recv(4096)


def worker():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"report?\n")
        return fetch_report(connection)


threads = [threading.Thread(target=worker) for _ in range(2)]
for thread in threads:
    thread.start()
print("ready", flush=True)
for thread in threads:
    thread.join()
