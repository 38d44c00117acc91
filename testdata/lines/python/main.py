"""Threads that wait, each at a line of its own. It prints the inodes of their
sockets by what waits for them."""
import os
import select
import socket
import socketserver
import sys
import threading


def inode(sock):
    return os.fstat(sock.fileno()).st_ino


def report(role, sock):
    print(role, inode(sock), flush=True)


class Client:
    def __init__(self, addr):
        self.sock = socket.create_connection(addr)

    def fetch(self, n):
        if n:
            return self.fetch(n - 1)
        return (self.sock
                .recv(
                    100))  # waits: recv


def work(client):
    client.fetch(2)  # outer: recv


def accept_loop(listener):
    while True:
        conn, _ = listener.accept()  # waits: accept
        kept.append(conn)


def select_one(sock):
    for _ in range(3): select.select([sock], [], []); print("never")  # waits: select


def poll_one(sock):
    p = select.poll()
    p.register(sock, select.POLLIN)
    lines = [line for line in p.poll()]  # waits: poll
    return lines


def flood(sock):
    while True:
        sock.sendall(b"x" * 65536)  # waits: send


def generate(sock):
    yield 1
    yield sock.recv(1)  # waits: generator


def consume(sock):
    for _ in generate(sock):  # outer: generator
        pass


def start(role, target, sock, *args):
    report(role, sock)
    threading.Thread(target=target, args=args or (sock,), name=role, daemon=True).start()


kept = []
silent = socket.create_server(("127.0.0.1", 0))
addr = silent.getsockname()
served = socket.create_server(("127.0.0.1", 0))
start("accept", accept_loop, served)
client = Client(addr)
start("recv", work, client.sock, client)
for role, target in (("select", select_one), ("poll", poll_one), ("send", flood), ("generator", consume)):
    kept.append(socket.create_connection(addr))
    start(role, target, kept[-1])
report("nobody", silent)
server = socketserver.TCPServer(("127.0.0.1", 0), None)
start("library", server.serve_forever, server.socket, 3600.0)
print("ready", flush=True)

# For each line that is read: where the interpreter itself says that its threads are.
for _ in sys.stdin:
    frames = sys._current_frames()
    for thread in threading.enumerate():
        stack, f = [], frames.get(thread.ident)
        while f:
            stack.append("%s:%d" % (getattr(f.f_code, "co_qualname", f.f_code.co_name), f.f_lineno))
            f = f.f_back
        print(thread.name, *stack)
    print("done", flush=True)
