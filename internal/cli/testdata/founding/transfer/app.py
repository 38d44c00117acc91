"""A large transfer stops halfway: the receiver reads no more, and the thread
that sends is blocked in sendall()."""
import socket
import sys
import threading


def upload():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        for _ in range(1000):
            connection.sendall(bytes(1 << 20))


threading.Thread(target=upload).start()
print("ready", flush=True)
threading.Event().wait()
