"""recv() raises ConnectionResetError; the handler logs it and forgets close().

Stands for: "the connection is dead anyway". The kernel's socket is, the
descriptor is not; ss(8) does not show it any more.
Fix: close in `finally`.
"""
import socket
import sys
import threading

clients = []


def serve(connection):
    clients.append(connection)
    try:
        while data := connection.recv(4096):
            connection.sendall(data)
        connection.close()
    except ConnectionResetError:
        print("reset")  # wrong: no close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
