"""A server that answers, and then computes for two minutes in the thread that
accepts: it comes back, and meanwhile clients wait. Others need the machine as
well, so that it gets little of a processor.

Stands for: event loops that are blocked by work (a report, an index).
"""
import os
import socket
import sys
import time

os.nice(19)
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"%d\n" % (2 * int(connection.recv(100))))
    end = time.monotonic() + 120
    while time.monotonic() < end:
        sum(range(10000))
