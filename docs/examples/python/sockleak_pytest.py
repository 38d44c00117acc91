"""A pytest plugin that fails a run whose tests leak sockets, and names the tests.

    python3 -m pytest -p sockleak_pytest

It has `sockleak check` watch this process while the tests run. After each test
it notes which sockets are new in /proc/self/fd, so that what sockleak finds in
the end can be told by test. With pytest-xdist each worker is watched. Linux
only; sockleak must be on the PATH. SOCKLEAK_ARGS has more arguments for it,
such as "--timeout 10m --baseline leaks.yaml".
"""
import json
import os
import shlex
import shutil
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
    """`sockleak check` of this process, and which test opened which socket."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="sockleak-")
        self.report = os.path.join(self.directory.name, "report.json")
        started = os.path.join(self.directory.name, "started")
        # The exercise begins after sockleak has seen what is open already, and
        # ends with the tests, which close its standard input.
        self.check = subprocess.Popen(
            ["sockleak", "check", str(os.getpid()), "-o", f"json={self.report}",
             "--exercise", f"touch '{started}'; cat >/dev/null", *shlex.split(os.environ.get("SOCKLEAK_ARGS", ""))],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not os.path.exists(started) and self.check.poll() is None:
            time.sleep(0.01)
        self.known, self.opener = sockets(), {}

    def after(self, test):
        now = sockets()
        self.opener.update(dict.fromkeys(now - self.known, test))
        self.known = now

    def judge(self):
        """The lines to show; there are none when nothing was found."""
        _, messages = self.check.communicate()  # closes its standard input
        code = self.check.returncode
        if code == 0:
            return []
        if code != 3:
            return [f"sockleak could not judge (exit code {code}): {messages.strip()}"]
        with open(self.report) as file:
            document = json.load(file)
        lines = []
        for finding in document["findings"]:
            if finding["level"] not in ("leak", "suspect"):
                continue
            inodes = [s["inode"] for s in document["sockets"] if s["finding"] == finding["fingerprint"]]
            tests = sorted({self.opener.get(i, "outside of the tests") for i in inodes})
            lines.append(f"{finding['level']}[{finding['rule']}]: {finding['summary']}")
            lines += [f"  opened in  {test}" for test in tests]
            lines.append(f"  fix        {finding['fix']}")
        return lines


class Plugin:
    def __init__(self):
        self.watch, self.lines = None, []

    @pytest.hookimpl
    def pytest_sessionstart(self, session):
        if not session.config.getoption("numprocesses", None):  # with xdist the workers run the tests
            self.watch = Watch()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        yield
        self.watch.after(item.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        if self.watch:
            self.lines = self.watch.judge()
        if hasattr(session.config, "workeroutput"):  # a worker of xdist shows nothing itself
            session.config.workeroutput["sockleak"] = self.lines
        elif self.lines and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self.lines += getattr(node, "workeroutput", {}).get("sockleak", [])

    def pytest_terminal_summary(self, terminalreporter):
        if self.lines:
            terminalreporter.section("sockleak")
            for line in self.lines:
                terminalreporter.write_line(line)


def pytest_configure(config):
    if not shutil.which("sockleak"):
        raise pytest.UsageError("sockleak_pytest: sockleak is not on the PATH; install it, or run without -p sockleak_pytest")
    config.pluginmanager.register(Plugin(), "sockleak")
