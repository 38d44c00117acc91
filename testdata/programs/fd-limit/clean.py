"""The same server and clients, with 1024 descriptors to spare."""
import selectors
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
selector = selectors.DefaultSelector()
selector.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            selector.register(listener.accept()[0], selectors.EVENT_READ)
        elif data := key.fileobj.recv(4096):
            key.fileobj.sendall(data)
        else:
            selector.unregister(key.fileobj)
            key.fileobj.close()
