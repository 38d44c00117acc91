"""Five feeds with a reader thread each; those of three work on what they have
read for longer than anybody looks: they are there, and will read on."""
import socket
import sys
import threading
import time

feeds = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(5)]


def read(connection):
    for line in connection.makefile("rb"):
        if not line.strip().isdigit():
            time.sleep(100)


for feed in feeds:
    threading.Thread(target=read, args=(feed,)).start()
threading.Event().wait()
