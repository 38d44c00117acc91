"""A process per client: it answers, works for half a minute, and answers
again. The parent has closed its copy.

Stands for: fork servers whose children compute.
"""
import os
import signal
import socket
import sys
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        connection.sendall(connection.recv(100))
        time.sleep(30)
        connection.sendall(b"done\n")
        os._exit(0)
    connection.close()
