"""Each client has a thread, which waits for an event to tell it of; there has
been none yet. Nobody reads from the clients.

Stands for: server-sent events and long polling with a thread per client.
"""
import socket
import sys
import threading

news = threading.Condition()


def serve(connection):
    with connection:
        connection.sendall(connection.recv(100))
        while True:
            with news:
                news.wait()
            connection.sendall(b"news\n")


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
