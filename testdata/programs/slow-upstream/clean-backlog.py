"""Four threads relay to the upstream, which is slow; the other clients wait
in the queue for a thread. Half of all have given up.

Stands for: gthread workers and executors with fewer threads than clients.
"""
import queue
import socket
import sys
import threading

waiting = queue.Queue()


def relay():
    while True:
        with waiting.get() as client, socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as upstream:
            upstream.sendall(client.recv(100))
            client.sendall(upstream.recv(100))


for _ in range(4):
    threading.Thread(target=relay, daemon=True).start()
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    waiting.put(listener.accept()[0])
