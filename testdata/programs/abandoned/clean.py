"""The same cycle, with the connection closed by name."""
import gc
import socket
import sys
import time

gc.disable()


class Session:
    def __init__(self):
        self.connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        self.on_data = self.read

    def read(self):
        return self.connection.recv(100)


while True:
    session = Session()
    session.read()
    time.sleep(0.3)
    session.connection.close()
    del session
