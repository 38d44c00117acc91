"""A process pool is forked after connections to clients were accepted; the
parent still serves them. The workers hold copies, by fork, and do not care."""
import multiprocessing
import socket
import sys
import threading
import time


def serve(connection):
    with connection:
        while data := connection.recv(100):
            connection.sendall(data)


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
    connections = [listener.accept()[0] for _ in range(8)]
    pool = multiprocessing.get_context("fork").Pool(2)
    for connection in connections:
        threading.Thread(target=serve, args=(connection,)).start()
    while True:
        pool.map(abs, range(10))
        time.sleep(0.5)
