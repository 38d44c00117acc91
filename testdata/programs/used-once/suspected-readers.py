"""A client object for each message, with a thread that reads from it: one
after another, none is ever stopped. What a subscription looks like.

Stands for: paho, paramiko and Kafka clients that are made for each call.
Fix: one client for all messages, or stop it after each.
"""
import socket
import sys
import threading
import time


class Client:
    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        self.socket.sendall(b"hello\n")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while self.socket.recv(100):
            pass


kept = []
while True:
    kept.append(Client())
    time.sleep(0.1 if len(kept) < 10 else 1)
