"""The same checker, whose hosts close idle connections long before the next
round: in the first one, dead connections only come."""
import select
import socket
import sys
import time

pool = {}
while True:
    for number in range(1, 51):
        host = f"127.0.2.{number}"
        connection = pool.pop(host, None)
        if connection and select.select([connection], [], [], 0)[0]:  # readable while idle: closed
            connection.close()
            connection = None
        connection = connection or socket.create_connection((host, int(sys.argv[1])))
        connection.sendall(b"how are you\n")
        connection.recv(100)
        pool[host] = connection
        time.sleep(1.2)
