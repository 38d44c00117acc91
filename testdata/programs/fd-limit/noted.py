"""A healthy server near its descriptor limit: 56 live clients and its own
few descriptors, of 64. The next accept() may fail (EMFILE).

Fix: raise RLIMIT_NOFILE, or limit the number of clients.
"""
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
