"""Sockets by what Python thinks of them. It prints their inodes by that."""
import os
import socket
import ssl
import sys


def report(role, fd):
    print(role, os.fstat(fd).st_ino, flush=True)


class Session(socket.socket):
    pass


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
print("ready", flush=True)
sys.stdin.read()
