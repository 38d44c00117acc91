"""Each reload opens a new listener (SO_REUSEPORT) and forgets the old one,
which still gets its share of the connections and never accepts them.

Stands for: reloads that do not close what they replace.
Fix: close() the old listener when the new one is listening.
"""
import socket
import sys
import threading

generations = []


def load():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64, reuse_port=True)
    generations.append(listener)
    return listener


def serve(connection):
    with connection:
        while data := connection.recv(100):
            connection.sendall(data)


for _ in range(4):
    listener = load()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
