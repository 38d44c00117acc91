"""One connection with a duplicate for reading and one for writing, both in
use; and a duplicate per question that is closed."""
import os
import socket
import sys
import time

connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
reader, writer = os.dup(connection.fileno()), os.dup(connection.fileno())
while True:
    once = os.dup(writer)
    os.write(once, b"question\n")
    os.close(once)
    os.read(reader, 100)
    time.sleep(0.1)
