#!/bin/sh
# A removal stops the units and takes their links away, also where systemd does
# not run, as in a chroot; an upgrade leaves them as they are. dpkg says
# "remove" and rpm 0. apk, whose systems have no systemd, says a version.
set -e
case "${1-}" in
remove | 0)
	if command -v systemctl >/dev/null; then
		now=
		if [ -d /run/systemd/system ]; then now=--now; fi
		systemctl --quiet disable $now sockleak-record.timer sockleak-serve.service || true
	fi
	;;
esac
