"""A job is started with close_fds=False on inheritable sockets; the parent
closes its connection, the job keeps it open.

Stands for: subprocess.Popen(close_fds=False), os.fork()+exec, and sockets
made inheritable. The client waits for an EOF that never comes.
Fix: leave close_fds on and sockets non-inheritable (PEP 446); where the
child must have it, shutdown() before close().
"""
import socket
import subprocess
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
jobs = []
while True:
    connection, _ = listener.accept()
    connection.set_inheritable(True)
    connection.recv(100)
    jobs.append(subprocess.Popen(["sleep", "120"], close_fds=False))  # wrong
    connection.sendall(b"started\n")
    connection.close()
