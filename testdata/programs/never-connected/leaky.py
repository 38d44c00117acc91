"""TCP sockets are created ahead of need and never connected or closed.

Stands for: objects that open their socket in __init__ and are dropped into a
cache before connect() is ever called.
Fix: create the socket in connect(), and close it with the object.
"""
import socket
import time


class Client:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)


cache = []
while True:
    cache.append(Client())
    time.sleep(0.05 if len(cache) < 20 else 2)
