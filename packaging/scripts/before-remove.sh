#!/bin/sh
# A removal stops the units and takes their links away; an upgrade leaves them
# as they are. dpkg says "remove", rpm says 0, and apk says nothing.
set -e
case "${1-remove}" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl --quiet disable --now sockleak-record.timer sockleak-serve.service || true
	fi
	;;
esac
