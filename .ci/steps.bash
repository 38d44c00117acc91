# The steps of .ci/run: step_NAME prints what is worth reading when it fails,
# and lines "note: ..." for the summary. Its status is the verdict.

# step_install installs the Debian packages that the tests use, and gets the
# Go modules.
step_install() {
	local package missing=()
	for package in busybox-static chromium clang cpio crun g++ gcc gcc-multilib gpg gpg-agent groff-base iproute2 junit4 libbpf-dev libc6-dev \
		libmaven-compiler-plugin-java libmaven-resources-plugin-java libsurefire-java libxml2-utils lintian llvm lsof maven musl-tools \
		net-tools nodejs openjdk-17-jdk-headless patchelf procps prometheus prometheus-node-exporter python3 python3-pytest python3-pytest-xdist \
		qemu-system-x86 qemu-user-static ruby rustc strace systemd util-linux xz-utils; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>&1)" = installed ] || missing+=("$package")
	done
	if [ ${#missing[@]} -gt 0 ]; then
		echo "note: installed ${missing[*]}"
		apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" || return 1
	fi
	local module
	for module in $(modules); do
		go -C "$module" mod download || return 1
	done
	.ci/pythons
}

# modules prints the directory of every Go module of the repository.
modules() { git ls-files '*go.mod' | xargs -n1 dirname; }

# libraries prints the directories of the modules that others import or run.
libraries() { printf '%s\n' . sockleaktest docs/examples/go; }

# step_test is the README's command for all tests. It runs those of the other
# libraries too (internal/modules_test.go).
step_test() { SOCKLEAK_PYTHONS=$(.ci/pythons) go test ./...; }

# step_oldest runs sockleaktest's tests with the oldest Go that it is for: the
# last release of the one in its go.mod. It is also the oldest whose programs have
# their stacks read.
step_oldest() {
	GOTOOLCHAIN=go1.21.13 go -C sockleaktest test ./... &&
		SOCKLEAK_GO_RELEASES=go1.21.13 go test ./internal/waiters ./internal/symbol/golang -run 'TestGoroutines|TestCgo|TestLayouts'
}

# step_others runs the tests of the modules that are not the product's; without cgo
# one of them would have no package.
step_others() {
	local module status=0
	for module in $(modules | grep -v -e '^\.$' -e '^sockleaktest$' -e '^docs/' -e '^tools/lint$' -e '^tools/release$'); do
		(cd "$module" && export CGO_ENABLED=1 && go vet ./... && go test ./...) || status=1
	done
	return $status
}

# step_race runs all tests again, under the race detector (which needs cgo),
# and fails when one was skipped.
step_race() {
	local status=0 module
	export SOCKLEAK_PYTHONS
	SOCKLEAK_PYTHONS=$(.ci/pythons)
	for module in . sockleaktest; do
		CGO_ENABLED=1 go -C "$module" test -race -count=1 -v ./... >>"$work/race.v" 2>&1 || status=1
	done
	echo "note: $(grep -c -- '--- PASS' "$work/race.v") tests passed"
	failures "$work/race.v"
	grep -E '^ *--- SKIP' "$work/race.v" | forbidden_skips && status=1
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

# step_kernels runs tests on other kernels than this one, in virtual machines.
step_kernels() { .ci/kernels/run; }

step_gofmt() {
	local list
	list=$(git ls-files '*.go' | xargs gofmt -l)
	[ -z "$list" ] || { echo "not formatted: $list"; return 1; }
}

# step_generate compiles the BPF programs again: what is committed must be what
# comes out.
step_generate() {
	local homes=(internal/scan/source/taskiter/bpf internal/opener/attach)
	(cd tools/bpfgen && go vet ./...) && go generate "${homes[@]/#/./}" && git diff --exit-code -- "${homes[@]}"
}

step_tidy() {
	local module status=0
	for module in $(libraries); do
		go -C "$module" mod tidy -diff || status=1
	done
	return $status
}

step_vet() {
	local os module status=0
	for os in linux darwin windows; do
		for module in $(libraries); do
			GOOS=$os go -C "$module" vet ./... || { echo "go vet fails in $module on $os"; status=1; }
		done
	done
	return $status
}

step_staticcheck() {
	go -C tools/lint build -o "$work/bin/" tool && "$work/bin/staticcheck" ./... && (cd sockleaktest && "$work/bin/staticcheck" ./...)
}

# step_fuzz gives every fuzz target a few seconds, beyond its seeds. Little of
# it goes into making inputs small: Go would spend a minute on each.
step_fuzz() {
	local package dir target n=0 status=0
	while read -r package dir; do
		for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(f \*testing.F).*/\1/p' "$dir"/*_test.go); do
			n=$((n + 1))
			fuzz "$package" "$target" || status=1
		done
	done < <(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}' ./...)
	echo "note: $n targets"
	return $status
}

# fuzz fuzzes one target. Go reports the end of the time as a failure now and
# then (golang.org/issue/75804); such a run found nothing, and is run again.
fuzz() {
	local try
	for try in 1 2 3; do
		go test -run='^$' -fuzz="^$2\$" -fuzztime=3s -fuzzminimizetime=10x -parallel=2 "$1" >"$work/fuzz" 2>&1 && return 0
		grep -q 'context deadline exceeded' "$work/fuzz" && ! grep -q 'Failing input' "$work/fuzz" || break
	done
	echo "== $1 $2"
	cat "$work/fuzz"
	return 1
}

# step_bench runs every benchmark once: they must not rot.
step_bench() { go test -run='^$' -bench=. -benchtime=1x ./...; }

# step_compare runs sockleak beside ss, lsof and the others, scaled down.
step_compare() { go run ./bench -size small; }

# step_release builds for every system what a release would publish, signed by
# a key of its own, and builds it again from a clone elsewhere, which must give
# the same bytes. Debian's checker reads the package, and dpkg installs it.
step_release() {
	go -C tools/release build -o "$work/bin/" tool && "$work/bin/goreleaser" check && key &&
		"$work/bin/goreleaser" release --snapshot --clean --skip=publish &&
		gpg --verify dist/checksums.txt.asc dist/checksums.txt && (cd dist && sha256sum --check --quiet checksums.txt) &&
		same && lintian --fail-on error,warning dist/*_amd64.deb && .ci/package dist/*_amd64.deb && image
}

# key makes a key to sign with.
key() {
	export GNUPGHOME=$work/gnupg
	mkdir -m 0700 "$GNUPGHOME" && gpg --batch --quiet --passphrase '' --quick-generate-key 'A test <test@sockleak.invalid>' ed25519 sign never &&
		GPG_FINGERPRINT=$(gpg --batch --list-keys --with-colons | awk -F: '$1 == "fpr" { print $10; exit }') && export GPG_FINGERPRINT
}

# same builds the release again from another directory, where files are newer
# and belong to their owner alone.
same() {
	git clone --quiet . "$work/elsewhere" &&
		(umask 0077 && cd "$work/elsewhere" && "$work/bin/goreleaser" release --snapshot --skip=publish,sign) &&
		diff dist/checksums.txt "$work/elsewhere/dist/checksums.txt"
}

# image packs what goreleaser has built into one OCI image.
image() {
	local what
	what=$(python3 -c 'import json; d = json.load(open("dist/metadata.json")); print("-version", d["version"], "-revision", d["commit"], "-created", d["date"][:19] + "Z")') &&
		go -C tools/image run . -o "$PWD/dist/sockleak-image.tar" $what \
			amd64="$PWD"/dist/sockleak_linux_amd64_v1/sockleak arm64="$(echo "$PWD"/dist/sockleak_linux_arm64_*/sockleak)" &&
		ls -l dist/sockleak-image.tar
}
