package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// exitFailed is the code for what went wrong before sockleak could judge. All
// other codes are sockleak's own: 0 nothing found, 3 found, 4 inconclusive.
const exitFailed = 1

// options are what the command line says.
type options struct {
	pod, container, namespace string
	image                     string
	kubeconfig, context       string
	user                      int64 // that sockleak runs as; 0 needs capabilities
	wait                      time.Duration
	args                      []string // for sockleak
}

const usageText = `usage: kubectl sockleak POD [flags] [-- ARG...]

Look for leaked sockets of all processes of a container, from an ephemeral
container beside it. What follows -- goes to sockleak; without it that is
"scan --all --for 20s". An ephemeral container stays listed in the pod, ended,
until the pod goes: Kubernetes cannot remove it.

`

// parse reads the command line. An error or --help goes to w.
func parse(args []string, w io.Writer) (*options, error) {
	o := &options{}
	flags := pflag.NewFlagSet("kubectl-sockleak", pflag.ContinueOnError)
	flags.SetOutput(w)
	flags.Usage = func() { fmt.Fprint(w, usageText, flags.FlagUsages()) }
	flags.StringVarP(&o.container, "container", "c", "", "`container` whose processes are meant; the first by default")
	flags.StringVarP(&o.namespace, "namespace", "n", "", "`namespace` of the pod; that of the context by default")
	flags.StringVar(&o.image, "image", "sockleak:latest", "`image` of sockleak, in a registry that the node can reach")
	flags.Int64Var(&o.user, "user", 0, "run sockleak as user `ID`, that of the container's processes, without any capability; the namespace may then be at level restricted")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "`file` to find the cluster in")
	flags.StringVar(&o.context, "context", "", "`name` of the context in that file")
	flags.DurationVar(&o.wait, "wait", 2*time.Minute, "how long the container may take to start")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	before, after := flags.Args(), []string(nil)
	if n := flags.ArgsLenAtDash(); n >= 0 {
		before, after = before[:n], before[n:]
	}
	if len(before) != 1 {
		return nil, errors.New("name one pod; --help shows the usage")
	}
	o.pod = strings.TrimPrefix(before[0], "pod/")
	o.args = after
	if len(after) == 0 {
		o.args = []string{"scan", "--all", "--for", "20s"}
	}
	return o, nil
}

// run connects to the cluster, and looks.
func (o *options) run(ctx context.Context, stdout, stderr io.Writer) (int, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	config := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.context})
	if o.namespace == "" {
		var err error
		if o.namespace, _, err = config.Namespace(); err != nil {
			return 0, err
		}
	}
	rest, err := config.ClientConfig()
	if err != nil {
		return 0, err
	}
	client, err := v1.NewForConfig(rest)
	if err != nil {
		return 0, err
	}
	return o.look(ctx, client.Pods(o.namespace), stdout, stderr)
}
