"""Connects to an address that never answers, with a timeout of 2 s, closed."""
import socket
import sys

while True:
    with socket.socket() as s:
        s.settimeout(2)
        try:
            s.connect(("127.0.0.1", int(sys.argv[1])))
        except TimeoutError:
            pass
