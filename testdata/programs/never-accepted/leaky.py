"""The thread that accepts dies of one bad request; the listener stays open.

Stands for: accept loops in a daemon thread without a try around the handling
of one connection. Clients connect, and wait for ever in the accept queue.
Fix: handle each connection inside try/except, and let the process end (or
close the listener) when its accept loop ends.
"""
import socket
import sys
import threading


def accept():
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"%d\n" % (2 * int(connection.recv(100))))  # ValueError ends the loop


threading.excepthook = lambda args: None
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
threading.Thread(target=accept, daemon=True).start()
threading.Event().wait()
