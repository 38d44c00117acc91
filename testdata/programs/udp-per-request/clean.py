"""A fixed set of 20 bound UDP sockets (as a media server has), and one that
asks; nothing grows."""
import socket
import sys
import time

media = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
for s in media:
    s.bind(("127.0.0.1", 0))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.connect(("127.0.0.1", int(sys.argv[1])))
    while True:
        client.send(b"question")
        client.recv(100)
        time.sleep(0.1)
