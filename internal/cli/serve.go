package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/serve"
	"github.com/sockleak/sockleak/internal/track"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	sessionFlags
	listen string
	hosts  []string
}

func newServe(env Env) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve [PID...]",
		Short: "Answer Prometheus scrapes with one sample each",
		Long: `Serve /metrics for Prometheus and /healthz over HTTP, as OpenMetrics to who asks
for it. Each scrape takes one sample of the targets, and samples build on each other. There is no authentication: listen
on the loopback interface, or where only Prometheus can reach it. A request must
ask for the address that it comes to, for localhost, or for a name given with
--allow-host, so that no web page can read the metrics through a browser.`,
		Example: `  sockleak serve
  sockleak serve --name 'gunicorn.*api' --listen 127.0.0.1:9914
  sockleak serve --listen :9914 --allow-host metrics.example`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runServe(cmd.Context(), env, &o, args)
		},
	}
	o.addInput(cmd)
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:9914", "`address` to listen on; port 0 picks a free one")
	cmd.Flags().StringSliceVar(&o.hosts, "allow-host", nil, "also answer requests for this `name` or address of the server")
	return cmd
}

func runServe(ctx context.Context, env Env, o *serveOptions, args []string) error {
	s, err := o.open(env, "serve", args, nil)
	if err != nil {
		return err
	}
	defer s.close()
	text, ok := report.ByName("prometheus")
	open, ok2 := report.ByName("openmetrics")
	if !ok || !ok2 {
		return errors.New("this build has no prometheus format")
	}
	ln, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --listen", err)
	}
	fmt.Fprintf(env.Stderr, "sockleak: serving http://%s/metrics\n", ln.Addr())
	l := &looker{session: s, text: text, open: open, history: track.NewHistory()}
	hosts := o.hosts
	if name, _, err := net.SplitHostPort(o.listen); err == nil && name != "" {
		hosts = append(hosts, name)
	}
	return serve.Run(ctx, ln, serve.OnlyHosts(serve.Handler(l.collect, buildVersion()), hosts...))
}

// looker keeps a history from scrape to scrape.
type looker struct {
	*session
	text, open report.Format
	history    *track.History
}

// collect takes one sample and writes the metrics. It is called once at a time.
func (l *looker) collect(ctx context.Context, w io.Writer, openMetrics bool) error {
	snap, err := l.scanner.Look(ctx, l.targets)
	if err != nil {
		return err
	}
	l.history.Add(snap)
	found, err := l.detail(ctx, l.history)
	if err != nil {
		return err
	}
	format := l.text
	if openMetrics {
		format = l.open
	}
	return format.Write(w, l.report(l.history, found), report.Options{})
}
