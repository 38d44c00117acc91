"""A server says goodbye with shutdown(SHUT_WR) and waits for ever for the
client to close first.

Stands for: shutdown() mistaken for close(). The kernel times out only the
FIN_WAIT2 of closed sockets (tcp_fin_timeout), never of one still held.
Fix: close() after shutdown(), with a deadline on the wait for the peer's EOF.
"""
import socket
import sys

served = []
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    connection, _ = listener.accept()
    connection.sendall(connection.recv(100))
    connection.shutdown(socket.SHUT_WR)  # wrong: not followed by close()
    served.append(connection)
