"""One connection for each of eighteen hosts, asked one after another, and each
used again in the next round."""
import itertools
import socket
import sys
import time

pool = {}
for number in itertools.count():
    host = f"127.0.2.{number % 18 + 1}"
    if host not in pool:
        pool[host] = socket.create_connection((host, int(sys.argv[1])))
    pool[host].sendall(b"question\n")
    pool[host].recv(100)
    time.sleep(0.05 if number < 18 else 0.5)
