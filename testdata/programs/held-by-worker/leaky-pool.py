"""Workers are forked after connections were accepted and inherit them all;
the one that serves closes its copy, the others never do.

Stands for: prefork servers (and multiprocessing with fork) that fork late.
Fix: fork before accept(), or close what is not one's own in the child.
"""
import os
import socket
import sys
import time

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
connections = [listener.accept()[0] for _ in range(8)]
mine = None
for number in range(2):
    if os.fork() == 0:
        mine = connections[number::2]
        break
if mine:
    for connection in mine:
        with connection:
            connection.sendall(connection.recv(100))
else:
    for connection in connections:
        connection.close()
time.sleep(120)
