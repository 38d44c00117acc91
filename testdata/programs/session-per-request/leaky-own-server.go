// Response bodies that are never closed, of a server in the same process, as
// in the tests of most web applications: both ends of each connection stay.
//
// Stands for: httptest.NewServer and a client that reads only the status.
// Fix: defer resp.Body.Close().
package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"time"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "done") }))
	for n := 0; ; n++ {
		if answer, err := http.Get(server.URL); err != nil || answer.StatusCode != http.StatusOK { // wrong: the body stays open
			panic(err)
		}
		wait := 1500 * time.Millisecond
		if n < 14 {
			wait = 100 * time.Millisecond
		}
		time.Sleep(wait)
	}
}
