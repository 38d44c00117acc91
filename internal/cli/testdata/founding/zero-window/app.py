"""The handler returns without reading what the client sends, and a list keeps
the connection: the window is zero, and the client is blocked."""
import socket
import threading

clients = []


def serve(connection):
    if connection.recv(4) != b"PUT ":
        return


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    clients.append(connection)
    threading.Thread(target=serve, args=(connection,)).start()
