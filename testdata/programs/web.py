"""A small HTTP/1.1 server with keep-alive, for the peers."""


def answering(body=b"ok\n", idle=None):
    """A handler that answers every request with body and closes connections
    that say nothing for idle seconds (None: never)."""
    def handle(connection):
        connection.settimeout(idle)
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                data = connection.recv(65536)
                if not data:
                    return
                pending += data
            pending = pending.split(b"\r\n\r\n", 1)[1]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return handle
