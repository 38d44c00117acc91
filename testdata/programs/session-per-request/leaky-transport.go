// An http.Transport per request: each keeps its connection for a next request
// that never comes.
//
// Stands for: &http.Client{Transport: &http.Transport{}} inside the function
// that makes the request, with or without a body that is read and closed.
// Fix: one http.Client for the process.
package main

import (
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	for n := 0; ; n++ {
		client := &http.Client{Transport: &http.Transport{}} // wrong: one per request
		if answer, err := client.Get("http://127.0.0.1:" + os.Args[1] + "/job"); err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		wait := 1500 * time.Millisecond
		if n < 14 {
			wait = 100 * time.Millisecond
		}
		time.Sleep(wait)
	}
}
