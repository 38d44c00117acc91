"""Twelve idle UNIX connections to a live daemon, two socket pairs and a
datagram socket: all in use, none moving."""
import socket
import sys
import time

connections = []
for _ in range(12):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.sendall(b"hello\n")
    s.recv(100)
    connections.append(s)
pairs = [socket.socketpair() for _ in range(2)]
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
time.sleep(120)
