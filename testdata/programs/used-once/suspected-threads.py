"""Thirty threads that are there from the start; each has a connection of its
own, made at its first task, and most have few tasks.

Stands for: prestarted thread pools (Tomcat, gthread) with a client per thread.
"""
import socket
import sys
import threading
import time

turn = [threading.Semaphore(0) for _ in range(30)]


def work(number):
    turn[number].acquire()
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
        while True:
            client.sendall(b"ping\n")
            client.recv(100)
            turn[number].acquire()


for number in range(30):
    threading.Thread(target=work, args=(number,), daemon=True).start()
for n in range(1000):
    turn[n % 30].release()
    time.sleep(1)
