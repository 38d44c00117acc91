"""Under heavy churn one connection in fifty is kept for 3 s after its EOF,
then closed."""
import socket
import sys
import threading
import time


def serve(connection):
    with connection:
        number = int(connection.recv(100))
        connection.sendall(b"ok\n")
        connection.recv(100)
        if number == 7:
            time.sleep(3)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
