"""Asks fifty hosts, one after another, and keeps a connection to each for the
next round, a minute later. A connection that its host has closed meanwhile is
dropped when its turn comes.

Stands for: monitoring and scraping right after their start, with one session
for all hosts: in the first round connections only come, which nobody can tell from a leak.
"""
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
