"""Burns a processor with real work while its connections sit in an epoll set."""
import selectors
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
selector = selectors.EpollSelector()
selector.register(listener, selectors.EVENT_READ)
while True:
    sum(range(20000))
    for key, _ in selector.select(0):
        if key.fileobj is listener:
            selector.register(listener.accept()[0], selectors.EVENT_READ)
        elif not key.fileobj.recv(4096):
            selector.unregister(key.fileobj)
            key.fileobj.close()
