"""Vanishes without a FIN, as a machine that has lost its power: its sockets are
closed in repair mode."""
import socket
import threading

TCP_REPAIR = 19  # linux/tcp.h
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
for _ in range(2):
    connection, _ = listener.accept()
    connection.recv(100)
    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    connection.close()
threading.Event().wait()
