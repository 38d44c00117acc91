"""A connection per request, each closed."""
import contextlib
import http.client
import sys
import time

while True:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))) as session:
        session.request("GET", "/job")
        session.getresponse().read()
        time.sleep(0.05)
