package fetch

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/sockleak/sockleak/sockleaktest"
)

func TestSize(t *testing.T) {
	sockleaktest.Check(t)

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("hello"))
	}))
	if os.Getenv("LEAK") == "" { // with LEAK=1 the listener stays open, and the test fails
		defer server.Close()
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()

	size, err := Size(client, server.URL)
	if err != nil || size != 5 {
		t.Errorf("size %d, %v; want 5", size, err)
	}
}
