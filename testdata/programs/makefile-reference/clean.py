"""Both the connection and its file are closed."""
import socket
import sys
import time

while True:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection, connection.makefile("rb") as reader:
        connection.sendall(b"question\n")
        reader.readline()
    time.sleep(0.1)
