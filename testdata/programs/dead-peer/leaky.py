"""Threads wait in recv() for ever for a peer that vanished without a FIN.

Stands for: consumers without timeout or keepalive, after a failover, a NAT
entry or a virtual machine was lost. TCP itself never finds out.
Fix: settimeout(), or SO_KEEPALIVE with TCP_KEEPIDLE of a minute, and close().
"""
import socket
import sys
import threading


def subscribe():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"subscribe\n")
        while connection.recv(4096):
            pass


for _ in range(4):
    threading.Thread(target=subscribe).start()
