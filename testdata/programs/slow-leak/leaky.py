"""Under heavy churn one connection in fifty is not closed.

Stands for: leaks on a rare branch. Counts hardly move against the churn; the
survivors only accumulate.
Fix: `with connection:` around all branches.
"""
import socket
import sys
import threading

odd = []


def serve(connection):
    number = int(connection.recv(100))
    connection.sendall(b"ok\n")
    if number == 7:
        odd.append(connection)  # wrong: never closed
        return
    connection.recv(100)
    connection.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
