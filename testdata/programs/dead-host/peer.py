"""A server on another host (a network namespace at the end of a veth pair)
whose link goes down: no FIN, no RST, no answer."""
import subprocess
import sys

SERVER = """
import socket, threading, sys
listener = socket.create_server(("192.0.2.2", 7000))
print("up", flush=True)
def serve(c):
    while d := c.recv(100):
        c.sendall(d)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


def play(stage):
    host = subprocess.Popen(["unshare", "--net", "sh", "-c", 'read go && exec "$0" -c "$1"', sys.executable, SERVER],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stage.ended.wait(0.5)

    def near(command):
        subprocess.run(["ip"] + command.split(), check=True)

    def far(command):
        subprocess.run(["nsenter", f"--net=/proc/{host.pid}/ns/net", "ip"] + command.split(), check=True)
    near(f"link add near type veth peer name far netns {host.pid}")
    near("addr add 192.0.2.1/24 dev near")
    near("link set near up")
    far("addr add 192.0.2.2/24 dev far")
    far("link set far up")
    host.stdin.write("go\n")
    host.stdin.flush()
    host.stdout.readline()
    stage.start("192.0.2.2", 7000)
    stage.count(4, "ESTABLISHED")
    stage.ended.wait(2)
    far("link set far down")
    stage.ended.wait(6)
    if stage.leaky:
        stage.until(lambda: all(s.unsent for s in stage.sockets("ESTABLISHED")))
