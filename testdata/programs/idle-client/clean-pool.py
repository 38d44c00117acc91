"""A database pool: ten connections, one in use now and then; nobody reads
from the others, and nothing watches them."""
import socket
import sys
import time

pool = []
for _ in range(10):
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"hello\n")
    connection.recv(100)
    pool.append(connection)
while True:
    pool[0].sendall(b"select 1\n")
    pool[0].recv(100)
    time.sleep(1)
