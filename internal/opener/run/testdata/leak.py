"""Prints the inode of each of its sockets, and which line has opened it."""
import os
import socket
import threading


def dial(address):
    return socket.create_connection(address)  # opens dial


def refresh(address):
    return dial(address)


def serve(listener, into):
    into.append(listener.accept()[0])  # opens serve


def main():
    listener = socket.socket()  # opens listen
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    accepted = []
    thread = threading.Thread(target=serve, args=(listener, accepted))
    thread.start()
    client = refresh(listener.getsockname())
    thread.join()
    a, b = socket.socketpair()  # opens pair
    for s, name in (listener, "listen"), (client, "dial"), (accepted[0], "serve"), (a, "pair"), (b, "pair"):
        print(os.fstat(s.fileno()).st_ino, name)


main()
