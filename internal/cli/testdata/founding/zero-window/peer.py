"""Three clients that send more than there is room for."""
import socket
import sys
import threading


def send():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"POST" + bytes(64 << 20))


for _ in range(3):
    threading.Thread(target=send, daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
