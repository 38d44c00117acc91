"""A batch of up to 24 connections is built up over 7 s and closed at once,
again and again."""
import socket
import sys
import time

while True:
    batch = []
    for _ in range(24):
        connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        connection.sendall(b"question\n")
        connection.recv(100)
        batch.append(connection)
        time.sleep(0.3)
    for connection in batch:
        connection.close()
