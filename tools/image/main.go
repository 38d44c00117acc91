// Command image packs the programs of a release into one OCI image for all
// their architectures, as a tar file that podman, docker, skopeo and crane
// read: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
//
// The image holds the program and its bill of materials, nothing else. The same
// programs and flags give the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	var (
		out      = flag.String("o", "", "`file` to write")
		version  = flag.String("version", "", "of the release")
		revision = flag.String("revision", "", "commit that it was built from")
		created  = flag.String("created", "", "`time` of that commit, as in RFC 3339")
	)
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: image -o FILE -version V -revision COMMIT -created TIME ARCH=PROGRAM...")
		flag.PrintDefaults()
	}
	flag.Parse()
	at, err := time.Parse(time.RFC3339, *created)
	if err == nil {
		r := release{version: *version, revision: *revision, created: at.UTC()}
		err = r.write(*out, flag.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}
