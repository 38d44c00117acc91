"""The handshake is done in the thread of the connection: a client that says
nothing keeps nobody from being accepted."""
import socket
import ssl
import sys
import threading

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


def handle(connection):
    with connection:
        connection.settimeout(60)
        try:
            with tls.wrap_socket(connection, server_side=True) as secured:
                secured.sendall(secured.recv(100))
        except OSError:
            pass


def serve():
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=handle, args=(connection,), daemon=True).start()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
threading.Thread(target=serve, daemon=True).start()
threading.Event().wait()
