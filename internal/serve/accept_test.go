package serve

import (
	"context"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAccept asks as scrapers do.
func TestAccept(t *testing.T) {
	h := Handler(func(_ context.Context, w io.Writer, open bool) error {
		text := "older\n"
		if open {
			text = "open\n"
		}
		_, err := io.WriteString(w, text)
		return err
	}, "test")
	for accept, open := range map[string]bool{
		"":    false,
		"*/*": false,
		// Prometheus 2.42, 2.53 and 3
		"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1":                 true,
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3": true,
		"text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4":                                                                       false,
		"application/openmetrics-text;version=0.0.1":      false,
		"application/openmetrics-text; q=0":               false,
		"Application/OpenMetrics-Text; version=\"1.0.0\"": true,
		"text/html,application/xhtml+xml":                 false,
		"application/openmetrics-text;;;, ;q":             false,
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		media := w.Header().Get("Content-Type")
		if (w.Body.String() == "open\n") != open || strings.HasPrefix(media, "application/openmetrics-text; version=1.0.0") != open || w.Header().Get("Vary") != "Accept" {
			t.Errorf("Accept: %s\n%s of %s, Vary %s", accept, w.Body, media, w.Header().Get("Vary"))
		}
	}
}
