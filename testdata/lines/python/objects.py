"""Sockets by what Python thinks of them. It prints their inodes by that."""
import os
import socket
import ssl
import sys
import threading
from collections import deque


def report(role, fd):
    print(role, os.fstat(fd).st_ino, flush=True)


class Session(socket.socket):
    pass


class Registry:
    def __init__(self):
        self.seen = {}


class Entry:
    __slots__ = ("connection",)

    def __init__(self, connection):
        self.connection = connection


def fail():
    lost = socket.create_connection(addr)
    report("lost", lost.fileno())
    raise ValueError(lost.fileno())


def sleep_with(sleeping):
    report("sleeping", sleeping.fileno())
    started.set()
    threading.Event().wait()


def generate():
    pending = socket.create_connection(addr)
    report("generator", pending.fileno())
    yield pending.fileno()


silent = socket.create_server(("127.0.0.1", 0))
addr = silent.getsockname()
closed = socket.create_connection(addr)
files = closed.makefile(), closed.makefile("wb")
report("closed", closed.fileno())
closed.close()  # the files keep it open
kept = socket.create_connection(addr)
stream = kept.makefile()
report("file", kept.fileno())
plain = socket.create_connection(addr)
again = [plain, plain]
report("open", plain.fileno())
secure = ssl._create_unverified_context().wrap_socket(socket.create_connection(addr), do_handshake_on_connect=False)
report("ssl", secure.fileno())
derived = Session()
derived.connect(addr)
report("derived", derived.fileno())
gone = socket.create_connection(addr).detach()
report("detached", gone)
registry = Registry()
registry.seen["one"] = socket.create_connection(addr)
report("registry", registry.seen["one"].fileno())
queue = deque([Entry(socket.create_connection(addr))])
report("deque", queue[0].connection.fileno())
failures = []
try:
    fail()
except ValueError as error:
    failures.append(error)
started = threading.Event()
threading.Thread(target=sleep_with, args=(socket.create_connection(addr),), daemon=True).start()
started.wait()
suspended = generate()
next(suspended)
print("ready", flush=True)
sys.stdin.read()
