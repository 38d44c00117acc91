package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/words"
)

// collectorTimeout bounds how long a report waits for a collector: the default
// of OTEL_EXPORTER_OTLP_TIMEOUT.
const collectorTimeout = 10 * time.Second

// mostAnswer bounds what is read of a collector's answer.
const mostAnswer = 4096

// isURL reports whether the output goes to a collector, not to a file.
func isURL(path string) bool {
	return strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://")
}

// post sends what write writes to a collector. Headers, such as one that
// authenticates, come from OTEL_EXPORTER_OTLP_HEADERS, which command lines and
// reports do not show.
func post(env Env, target string, write func(io.Writer) error) error {
	var body bytes.Buffer
	if err := write(&body); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), collectorTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	for pair := range strings.SplitSeq(env.Getenv("OTEL_EXPORTER_OTLP_HEADERS"), ",") {
		name, value, ok := strings.Cut(pair, "=")
		if v, err := url.QueryUnescape(value); ok && err == nil {
			req.Header.Set(strings.TrimSpace(name), strings.TrimSpace(v))
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the collector answered %s: %s", words.Clean(resp.Status), words.Clean(strings.TrimSpace(string(answer))))
	}
	return nil
}
