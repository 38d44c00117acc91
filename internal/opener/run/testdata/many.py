"""many.py N opens and closes as many sockets; many.py other N makes as many other calls."""
import os
import socket
import sys


def dial():
    return socket.socket()


for _ in range(int(sys.argv[-1])):
    if len(sys.argv) > 2:
        os.getppid()
    else:
        dial().close()
