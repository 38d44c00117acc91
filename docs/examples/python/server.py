"""A server that answers lines. With LEAK=1 it forgets to close connections."""
import os
import socket
import threading

kept = []


def serve(connection):
    while data := connection.recv(4096):
        connection.sendall(data)
    if os.environ.get("LEAK"):
        kept.append(connection)  # wrong: nobody closes it
    else:
        connection.close()


with socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "8000")))) as listener:
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
