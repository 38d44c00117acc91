"""Binds the source address of each connection before it connects, and closes;
and keeps one port reserved for later, on purpose."""
import socket
import sys
import time

reserved = socket.socket()
reserved.bind(("127.0.0.1", 0))
while True:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.connect(("127.0.0.1", int(sys.argv[1])))
        s.recv(100)
    time.sleep(0.2)
