"""A UDP socket per question, each closed: as resolvers do."""
import socket
import sys
import time

while True:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", int(sys.argv[1])))
        s.send(b"question")
        s.recv(100)
        time.sleep(0.05)
