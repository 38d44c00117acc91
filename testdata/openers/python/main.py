"""A program that opens sockets, each at a line of its own, once a line comes on
stdin. It prints their inodes by how they were opened."""
import os
import socket
import sys
import threading
import time


def show(role, sock):
    print(role, os.fstat(sock.fileno()).st_ino)
    return sock


def dial(address):
    return socket.create_connection(  # opens: dial
        address,
        timeout=None,
    )


def serve(listener, accepted):
    conn, _ = listener.accept()  # opens: accept
    accepted.append(conn)


def main():
    sys.stdin.readline()
    listener = socket.create_server(("127.0.0.1", 0))  # opens: listen
    show("listen", listener)
    accepted = []
    thread = threading.Thread(target=serve, args=(listener, accepted))
    thread.start()
    kept = [show("dial", dial(listener.getsockname()))]  # calls: dial
    thread.join()
    show("accept", accepted[0])
    kept += [show("pair", s) for s in socket.socketpair()]  # opens: pair
    print("ready", flush=True)
    time.sleep(3600)


main()
