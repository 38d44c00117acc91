"""A routing socket for each reload, never closed.

Stands for: daemons that open a netlink watch at each reload (keepalived).
Fix: keep one netlink socket, or close it after the reload.
"""
import socket
import time

kept = []
while True:
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)  # NETLINK_ROUTE, include/uapi/linux/netlink.h
    s.bind((0, 0))
    kept.append(s)
    time.sleep(0.05 if len(kept) < 10 else 1)
