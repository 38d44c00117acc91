"""A pool that takes the connection that was used last; bursts of requests
become longer, and each that is longer than all before opens one more.

Stands for: HTTP pools under a load that rises.
"""
import queue
import socket
import sys
import threading
import time

pool = queue.LifoQueue()


def ask():
    try:
        connection = pool.get_nowait()
    except queue.Empty:
        connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"question\n")
    connection.recv(100)
    time.sleep(0.2)
    pool.put(connection)


for number in range(1000):
    for size in number + 6, 2:
        burst = [threading.Thread(target=ask) for _ in range(size)]
        for thread in burst:
            thread.start()
        for thread in burst:
            thread.join()
        time.sleep(0.5)
