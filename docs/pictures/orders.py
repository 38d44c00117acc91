"""A service with a leak, for the pictures of the documentation: an order that
cannot be parsed is logged, and its connection is forgotten."""
import os
import socket
import sys
import threading
import time

log = []


def handle(conn):
    while request := conn.recv(100):
        if request == b"bad":
            log.append(conn)  # it stays referred to, and open
            conn.recv(100)
            return
        conn.sendall(b"ok")
    conn.close()


def serve(listener):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=handle, args=(conn,), daemon=True).start()


def clients(port):
    kept = [socket.create_connection(("127.0.0.1", port)) for _ in range(12)]
    while True:
        for i, conn in enumerate(kept):
            conn.sendall(b"good")
            conn.recv(10)
            time.sleep(0.2)
            if i % 3 == 0:
                with socket.create_connection(("127.0.0.1", port)) as other:
                    other.sendall(b"bad")
                    time.sleep(0.1)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
if os.fork():
    serve(listener)
else:
    listener.close()
    clients(int(sys.argv[1]))
