"""The same server and the same bad lines, with close() in `finally`."""
import socket
import sys
import threading

clients = {}


def serve(connection, address):
    clients[address] = connection
    try:
        while line := connection.recv(4096):
            connection.sendall(b"%d\n" % (2 * int(line)))
    except ValueError:
        pass
    finally:
        del clients[address]
        connection.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=listener.accept(), daemon=True).start()
