"""One HTTP connection for all jobs."""
import http.client
import sys
import time

session = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
while True:
    session.request("GET", "/job")
    session.getresponse().read()
    time.sleep(0.1)
