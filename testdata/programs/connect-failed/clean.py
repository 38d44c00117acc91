"""The same reconnect loop; each refused socket is closed."""
import socket
import sys
import time

while True:
    with socket.socket() as s:
        try:
            s.connect(("127.0.0.1", int(sys.argv[1])))
        except ConnectionRefusedError:
            pass
    time.sleep(0.1)
