"""A server starts a helper that inherits its listener, then closes its own:
the port stays open, and nobody accepts.

Stands for: "Address already in use" after a restart, and clients that connect
to a server which is not there.
Fix: leave the listener non-inheritable (PEP 446, SOCK_CLOEXEC).
"""
import socket
import subprocess
import sys
import time

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
listener.set_inheritable(True)
helper = subprocess.Popen(["sleep", "120"], close_fds=False)  # wrong
time.sleep(1)
listener.close()
time.sleep(120)
