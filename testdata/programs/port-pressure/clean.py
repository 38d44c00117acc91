"""500 short connections a little while ago: TIME_WAIT as it should be."""
import socket
import sys
import time

for _ in range(500):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
        s.sendall(b"x")
time.sleep(120)
