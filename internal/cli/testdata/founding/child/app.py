"""close() in the parent, while a child has the connections as well: the peer
sees no end. shutdown() before close() would tell it."""
import socket
import subprocess
import sys
import threading
import time

connections = []
for _ in range(3):
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.set_inheritable(True)
    connection.sendall(b"question\n")
    connection.recv(100)
    connections.append(connection)
time.sleep(2)
job = subprocess.Popen(["sleep", "600"], close_fds=False)
for connection in connections:
    connection.close()
print("ready", flush=True)
threading.Event().wait()
