"""A fork server whose children are at work for a minute before they answer.

Stands for: CGI, inetd-like servers, multiprocessing with fork.
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
        connection.recv(100)
        time.sleep(60)
        connection.sendall(b"done\n")
        os._exit(0)
    connection.close()
