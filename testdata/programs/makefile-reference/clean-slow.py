"""close() was called, and the answer is worked on line by line, for longer than
the server waits.
"""
import socket
import sys
import time

while True:
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    with connection.makefile("rb") as reader:
        connection.sendall(10 * b"question\n")
        connection.close()
        for line in reader:
            time.sleep(1.2)
