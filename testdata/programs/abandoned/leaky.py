"""The last reference to each connection is in a reference cycle, and the
garbage collector is off: closed in the language, alive in the kernel.

Stands for: servers that call gc.disable() for latency. The sender is blocked
on a full window that nobody will ever read.
Fix: close() explicitly (`with`), never leave it to the collector.
"""
import gc
import socket
import sys
import time

gc.disable()


class Session:
    def __init__(self):
        self.connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        self.on_data = self.read  # the cycle: self -> method -> self

    def read(self):
        return self.connection.recv(100)


for _ in range(3):
    session = Session()
    session.read()
    del session  # wrong: the cycle keeps the socket open
time.sleep(120)
