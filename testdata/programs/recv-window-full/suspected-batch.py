"""Three feeds; what has come is worked on for minutes before the next is
read. What a reader that has ended looks like, until it comes back.

Stands for: consumers with slow batches (Kafka's max.poll.interval).
"""
import socket
import sys
import time

feeds = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(3)]
while True:
    for feed in feeds:
        feed.recv(65536)
    time.sleep(100)
