"""A TCP proxy of two threads per client; when the client has left, its thread
ends, and nothing is closed: neither the client nor the upstream.

Stands for: CONNECT proxies and tunnels made of two copying threads.
Fix: shutdown() the other leg when a copy ends, and close both after both.
"""
import socket
import sys
import threading

legs = []


def copy(source, target):
    while data := source.recv(4096):
        target.sendall(data)  # wrong: no shutdown() after the loop


def serve(client):
    upstream = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    legs.append((client, upstream))
    for ends in (client, upstream), (upstream, client):
        threading.Thread(target=copy, args=ends, daemon=True).start()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    serve(listener.accept()[0])
