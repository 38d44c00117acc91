#!/usr/bin/env python3
"""Plays one program of the corpus: python3 stage.py KIND/PROGRAM

Starts the program as the target, lets KIND/peer.py be everything else (its
clients, its server), and prints "ready PID" once the target has been in the
labelled state for long enough. Ends the target when stdin closes, or after
five minutes. Standard library only.
"""
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from sockets import descendants, sockets_of

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
LIFE = 300  # seconds
SETTLE = 8  # seconds in the labelled state before "ready": rules wait about 5
prctl = ctypes.CDLL(None).prctl


class Stage:
    """What peer.py gets to work with. Its sockets live in this process, so the
    target's process tree holds the target's sockets only."""

    def __init__(self, program):
        self.program = program
        self.name = os.path.basename(program)
        self.leaky = self.name.startswith("leaky")
        self.scratch = tempfile.mkdtemp(prefix="corpus-")
        self.target = None
        self.ended = threading.Event()
        self.kept = []  # sockets that must not be collected

    def start(self, *args, before=None, hand=()):
        """Starts the program; before() runs in the child ahead of exec, and
        the descriptors in hand are inherited."""
        def prepare():
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if before:
                before()
        self.target = subprocess.Popen(
            self.command() + [str(a) for a in args], preexec_fn=prepare, cwd=self.scratch,
            stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True, pass_fds=hand)

    def command(self):
        source = os.path.abspath(self.program)
        binary = os.path.join(self.scratch, "program")
        match os.path.splitext(source)[1]:
            case ".py":
                return [sys.executable, source]
            case ".js":
                return ["node", source]
            case ".java":
                return ["java", "-XX:+UseSerialGC", "-Xmx64m", source]
            case ".c":
                subprocess.run(["gcc", "-O1", "-pthread", "-D_GNU_SOURCE", "-o", binary, source], check=True)
            case ".go":
                subprocess.run(["go", "build", "-o", binary, source], check=True, env=dict(os.environ, CGO_ENABLED="0"))
        return [binary]

    def listening(self, *args, **kw):
        """Starts the program as a server; returns the port once it listens."""
        port = free_port()
        self.start(port, *args, **kw)
        self.until(lambda: [s for s in self.sockets("LISTEN") if s.local_port == port])
        return port

    def server(self, handler, backlog=256):
        """Serves handler(connection), a thread each, closed when it returns."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.kept.append(listener)

        def serve(connection):
            with connection:
                try:
                    handler(connection)
                except OSError:
                    pass

        def accept():
            while True:
                self.background(serve, listener.accept()[0])
        self.background(accept)
        return listener.getsockname()[1]

    def connect(self, port, say=b""):
        """A client of the target that stays connected unless closed."""
        s = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.kept.append(s)
        s.sendall(say)
        return s

    def sockets(self, *states):
        """The sockets that the target's process tree holds now."""
        pids = descendants(self.target.pid)
        return [s for s in sockets_of(pids) if not states or s.state in states]

    def until(self, condition, seconds=40):
        """Waits for the condition; the play fails when it does not come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.target.poll() is not None:
                raise SystemExit(f"{self.program} ended: {self.target.returncode}")
            if condition():
                return
            time.sleep(0.1)
        raise SystemExit(f"{self.program}: not in the labelled state after {seconds} s: {self.sockets()}")

    def count(self, number, *states, seconds=40):
        """Waits until the target holds number or more sockets in states."""
        self.until(lambda: len(self.sockets(*states)) >= number, seconds)

    def background(self, work, *args):
        threading.Thread(target=work, args=args, daemon=True).start()

    def repeat(self, every, work):
        """Does work() every so many seconds until the play ends."""
        def loop():
            while not self.ended.wait(every):
                try:
                    work()
                except OSError:
                    pass
        self.background(loop)

    def close(self):
        self.ended.set()
        for pid in descendants(os.getpid()):
            if pid != os.getpid():
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.scratch, ignore_errors=True)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def end(*_):
    for number in signal.SIGTERM, signal.SIGINT:  # once is enough: cleaning up goes on
        signal.signal(number, signal.SIG_IGN)
    sys.exit("told to end")


def main():
    program = sys.argv[1]
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # what the target leaves behind is ended too
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    for number in signal.SIGTERM, signal.SIGINT:
        signal.signal(number, end)
    spec = importlib.util.spec_from_file_location("peer", os.path.join(os.path.dirname(program), "peer.py"))
    peer = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(peer)
    stage = Stage(program)
    timer = threading.Timer(LIFE, lambda: (stage.close(), os._exit(0)))
    timer.daemon = True
    timer.start()
    try:
        peer.play(stage)
        stage.ended.wait(getattr(peer, "SETTLE", SETTLE))
        if stage.target.poll() is not None:
            raise SystemExit(f"{program} ended: {stage.target.returncode}")
        print("ready", stage.target.pid, flush=True)
        sys.stdin.read()
    finally:
        stage.close()


if __name__ == "__main__":
    main()
