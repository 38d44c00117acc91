// Checks the status of a URL with its body drained and closed: one pooled
// connection serves all.
package main

import (
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	for {
		resp, err := http.Get("http://127.0.0.1:" + os.Args[1] + "/status")
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
}
