"""Two SO_REUSEPORT listeners on one port, a thread for each.

Stands for: servers with a listener for each thread.
"""
import socket
import sys
import threading


def listener():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("127.0.0.1", int(sys.argv[1])))
    s.listen(64)
    return s


def serve(s):
    while True:
        connection, _ = s.accept()
        with connection:
            connection.sendall(connection.recv(100))


threading.Thread(target=serve, args=(listener(),)).start()
serve(listener())
