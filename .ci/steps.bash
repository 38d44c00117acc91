# The steps of .ci/run: step_NAME prints what is worth reading when it fails,
# and lines "note: ..." for the summary. Its status is the verdict.

# What the tests use beyond Go and git: command and Debian package.
readonly commands='
chromium        chromium
gcc             gcc
ip              iproute2
java            default-jdk-headless
lsof            lsof
netstat         net-tools
node            nodejs
nsenter         util-linux
prometheus      prometheus
promtool        prometheus
ps              procps
python3         python3
ss              iproute2
strace          strace
systemd-analyze systemd
xmllint         libxml2-utils
'

# step_install installs what is missing, and gets the Go modules.
step_install() {
	local command package missing=()
	while read -r command package; do
		[ -z "$command" ] || type -P "$command" >/dev/null || missing+=("$package")
	done <<<"$commands"
	[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
	if [ ${#missing[@]} -gt 0 ]; then
		echo "note: installed ${missing[*]}"
		apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" || return 1
	fi
	go mod download && go -C tools/lint mod download && go -C tools/release mod download
}

# step_test is the README's command for all tests.
step_test() { go test ./...; }

# step_race runs all tests again, under the race detector (which needs cgo),
# and fails when one was skipped.
step_race() {
	CGO_ENABLED=1 go test -race -count=1 -v ./... >"$work/race.v" 2>&1
	local status=$?
	echo "note: $(grep -c -- '--- PASS' "$work/race.v") tests passed"
	failures "$work/race.v"
	grep -A2 -E '^ *--- SKIP' "$work/race.v" | forbidden_skips && status=1
	return $status
}

# failures prints what a verbose test run says of what failed.
failures() {
	grep -E -B30 -A15 '^ *--- FAIL|^panic:|^fatal error:|WARNING: DATA RACE|^FAIL' "$1" | grep -v -E '^ *(=== |--- PASS)' | head -400
}

# forbidden_skips prints the skips on its input that may_skip does not list.
forbidden_skips() {
	local patterns
	patterns=$(awk 'NF { print "--- SKIP: " $1 " " }' <<<"$may_skip")
	if [ -n "$patterns" ]; then grep -v -E -f <(echo "$patterns"); else cat; fi | grep .
}

step_gofmt() {
	local list
	list=$(git ls-files '*.go' | xargs gofmt -l)
	[ -z "$list" ] || { echo "not formatted: $list"; return 1; }
}

step_tidy() { go mod tidy -diff; }

step_vet() {
	local os status=0
	for os in linux darwin windows; do
		GOOS=$os go vet ./... || { echo "go vet fails on $os"; status=1; }
	done
	return $status
}

step_staticcheck() {
	go -C tools/lint build -o "$work/bin/" tool && "$work/bin/staticcheck" ./...
}

# step_fuzz gives every fuzz target a few seconds, beyond its seeds.
step_fuzz() {
	local package dir target n=0 status=0
	while read -r package dir; do
		for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(f \*testing.F).*/\1/p' "$dir"/*_test.go); do
			n=$((n + 1))
			fuzz "$package" "$target" || status=1
		done
	done < <(go list -f '{{.ImportPath}} {{.Dir}}' ./...)
	echo "note: $n targets"
	return $status
}

# fuzz fuzzes one target. Go reports the end of the time as a failure now and
# then (golang.org/issue/75804); such a run found nothing, and is run again.
fuzz() {
	local try
	for try in 1 2 3; do
		go test -run='^$' -fuzz="^$2\$" -fuzztime=3s -parallel=2 "$1" >"$work/fuzz" 2>&1 && return 0
		grep -q 'context deadline exceeded' "$work/fuzz" && ! grep -q 'Failing input' "$work/fuzz" || break
	done
	echo "== $1 $2"
	cat "$work/fuzz"
	return 1
}

# step_bench runs every benchmark once: they must not rot.
step_bench() { go test -run='^$' -bench=. -benchtime=1x ./...; }

# step_release builds for every system what a release would publish.
step_release() {
	go -C tools/release build -o "$work/bin/" tool && "$work/bin/goreleaser" check &&
		"$work/bin/goreleaser" release --snapshot --clean --skip=publish
}
