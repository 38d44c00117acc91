"""The thread that accepts does the TLS handshake too: one client that connects
and says nothing keeps it from all others.

Stands for: ssl_context.wrap_socket(listener) and then accept() in a loop, as
http.server was for years.
Fix: accept without TLS, and do the handshake in the thread of the connection,
with a time-out.
"""
import socket
import ssl
import sys
import threading

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


def handle(connection):
    with connection:
        connection.sendall(connection.recv(100))


def serve():
    while True:
        connection, _ = listener.accept()
        secured = tls.wrap_socket(connection, server_side=True)
        threading.Thread(target=handle, args=(secured,), daemon=True).start()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
threading.Thread(target=serve, daemon=True).start()
threading.Event().wait()
