"""One HTTP connection object per job, kept and never closed.

Stands for: requests.Session() or http.client.HTTPConnection() made inside the
function that uses it, and remembered. Each keeps a keep-alive connection.
Fix: one session for the process, or `with closing(...)` per job.
"""
import http.client
import sys
import time

jobs = {}
while True:
    session = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    session.request("GET", f"/job/{len(jobs)}")
    session.getresponse().read()
    jobs[len(jobs)] = session
    time.sleep(0.1 if len(jobs) < 14 else 1.5)
