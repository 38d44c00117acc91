"""A pool of thirty threads that is filled slowly; each thread has a connection
of its own, made at its first task and kept.

Stands for: Executors.newFixedThreadPool with a ThreadLocal client, peewee.
"""
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

local = threading.local()


def work():
    if not hasattr(local, "client"):
        local.client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    local.client.sendall(b"ping\n")
    local.client.recv(100)
    time.sleep(60)  # so that the next task gets a new thread


pool = ThreadPoolExecutor(30)
while True:
    pool.submit(work)
    time.sleep(1)
