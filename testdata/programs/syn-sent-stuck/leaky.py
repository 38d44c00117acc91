"""Non-blocking connects to an address that never answers, then forgotten.

Stands for: event loops that start a connect and keep no timer for it; the
kernel itself gives up only after about two minutes, and then the descriptor
stays.
Fix: a connect timeout (settimeout before connect, asyncio.wait_for), then
close().
"""
import socket
import sys
import time

pending = []
while True:
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(("127.0.0.1", int(sys.argv[1])))
    pending.append(s)
    time.sleep(0.05 if len(pending) < 10 else 3)
