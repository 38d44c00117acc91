"""A pool of six keep-alive connections, filled once. The server has closed
them; the pool finds out when it next borrows one, and replaces it then.

CLOSE_WAIT with the EOF unread, with or without a TLS close_notify before it;
bounded, not growing: HTTP pools do this.
"""
import select
import socket
import sys
import time


def dial():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def ask(connection):
    connection.sendall(b"question\n")
    connection.recv(100)
    return connection


pool = [ask(dial()) for _ in range(6)]
while True:
    time.sleep(15)
    connection = pool.pop()
    if select.select([connection], [], [], 0)[0]:  # readable while idle: stale
        connection.close()
        connection = dial()
    pool.append(ask(connection))
