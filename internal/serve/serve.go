// Package serve answers Prometheus scrapes over HTTP: each scrape is one look
// at the targets. It listens where it is told, has no authentication of its
// own, and changes nothing, so it belongs on the loopback interface, in a pod's
// network, or behind a proxy.
package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Collect looks once and writes what it saw in the Prometheus text format
// 0.0.4, or as OpenMetrics 1.0. It is never called twice at a time.
type Collect func(ctx context.Context, w io.Writer, openMetrics bool) error

const (
	// scanTimeout bounds one look. Prometheus gives up after 10 s by default;
	// the request's context then ends the look earlier.
	scanTimeout = time.Minute
	// maxWaiting is the number of scrapes that may wait for their turn.
	maxWaiting = 8
)

// Handler returns the endpoints /metrics and /healthz. version is shown to
// people who ask for /.
func Handler(collect Collect, version string) http.Handler {
	s := &scraper{collect: collect, turn: make(chan struct{}, 1), waiting: make(chan struct{}, maxWaiting)}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		text(w, http.StatusOK, "ok\n")
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		text(w, http.StatusOK, "sockleak "+version+"\n/metrics  Prometheus metrics of one sample\n/healthz  is the server up\n")
	})
	return mux
}

// scraper lets one look happen at a time.
type scraper struct {
	collect Collect
	turn    chan struct{}
	waiting chan struct{}
}

// ServeHTTP answers a scrape. A look that fails gives a status and one line,
// never half of the metrics.
func (s *scraper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), scanTimeout)
	defer cancel()
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		text(w, http.StatusServiceUnavailable, "too many scrapes at once: samples are taken one at a time\n")
		return
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		text(w, http.StatusServiceUnavailable, "another sample is still being taken\n")
		return
	}
	var body bytes.Buffer
	media, open := textType, wantsOpenMetrics(r.Header.Values("Accept"))
	if open {
		media = openMetricsType
	}
	w.Header().Set("Vary", "Accept")
	if err := s.collect(ctx, &body, open); err != nil {
		text(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	w.Header().Set("Content-Type", media)
	w.Write(body.Bytes()) // a client that went away is its own affair
}

func text(w http.ResponseWriter, code int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	io.WriteString(w, line)
}

// Run serves until ctx ends, then lets running scrapes come to their end. It
// closes the listener.
func Run(ctx context.Context, ln net.Listener, h http.Handler) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      scanTimeout + 10*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop serving: %w", err)
	}
	return srv.Close()
}
