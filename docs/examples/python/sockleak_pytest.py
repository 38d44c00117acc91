"""A pytest plugin that fails a run whose tests leak sockets, and names the tests.

    python3 -m pytest -p sockleak_pytest

It has `sockleak check` watch this process while the tests run. After each test
it notes which sockets are new in /proc/self/fd, so that what sockleak finds in
the end can be told by test. Linux only; sockleak must be on the PATH.
"""
import json
import os
import subprocess
import tempfile
import time

import pytest


def sockets():
    """The inodes of the sockets that this process holds."""
    found = set()
    for fd in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:  # closed meanwhile
            continue
        if target.startswith("socket:["):
            found.add(int(target[8:-1]))
    return found


class Watch:
    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="sockleak-")
        self.report = os.path.join(self.directory.name, "report.json")
        self.lines, self.code = [], 0
        started = os.path.join(self.directory.name, "started")
        # The exercise begins after sockleak has seen what is open already, and
        # ends with the tests, which close its standard input.
        self.check = subprocess.Popen(
            ["sockleak", "check", str(os.getpid()), "-o", f"json={self.report}",
             "--exercise", f"touch '{started}'; cat >/dev/null"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not os.path.exists(started) and self.check.poll() is None:
            time.sleep(0.01)
        self.known, self.opener = sockets(), {}

    def after(self, test):
        now = sockets()
        self.opener.update(dict.fromkeys(now - self.known, test))
        self.known = now

    def judge(self):
        _, messages = self.check.communicate()  # closes its standard input
        self.code = self.check.returncode
        if self.code not in (0, 3):
            self.lines.append(f"sockleak could not judge (exit code {self.code}): {messages.strip()}")
            return
        with open(self.report) as file:
            document = json.load(file)
        for finding in document["findings"]:
            if finding["level"] not in ("leak", "suspect"):
                continue
            inodes = [s["inode"] for s in document["sockets"] if s["finding"] == finding["fingerprint"]]
            tests = sorted({self.opener.get(i, "outside of the tests") for i in inodes})
            self.lines.append(f"{finding['level']}[{finding['rule']}]: {finding['summary']}")
            self.lines += [f"  opened in  {test}" for test in tests]
            self.lines.append(f"  fix        {finding['fix']}")


WATCH = pytest.StashKey()


def pytest_sessionstart(session):
    if session.config.getoption("numprocesses", None):  # pytest-xdist
        raise pytest.UsageError("sockleak_pytest watches one process: run it without -n")
    session.config.stash[WATCH] = Watch()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    yield
    item.config.stash[WATCH].after(item.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    watch = session.config.stash[WATCH]
    watch.judge()
    if watch.code and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    watch = config.stash[WATCH]
    if watch.lines:
        terminalreporter.section("sockleak")
        for line in watch.lines:
            terminalreporter.write_line(line)
