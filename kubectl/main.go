// Command kubectl-sockleak is a plugin of kubectl: `kubectl sockleak POD` looks
// for leaked sockets in a pod. It starts an ephemeral container beside one of
// the pod's, in its pid namespace, with the capabilities that sockleak needs,
// and shows the page that sockleak writes there.
//
// It is a module of its own, so that sockleak does not depend on Kubernetes.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parse(os.Args[1:], os.Stderr)
	if err == nil {
		var code int
		if code, err = o.run(ctx, os.Stdout, os.Stderr); err == nil {
			os.Exit(code)
		}
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted; sockleak goes on in the pod until its --for is over")
	}
	fmt.Fprintln(os.Stderr, "kubectl-sockleak:", err)
	os.Exit(exitFailed)
}
