// Checks the status of a URL and never closes resp.Body.
//
// Stands for: the commonest socket leak in Go: a connection with an open body
// is never returned to the pool, so each request makes a new one.
// Fix: defer resp.Body.Close(), after the check of err.
package main

import (
	"net/http"
	"os"
	"time"
)

func main() {
	for i := 0; ; i++ {
		resp, err := http.Get("http://127.0.0.1:" + os.Args[1] + "/status")
		if err != nil || resp.StatusCode != http.StatusOK {
			println("down")
		}
		if i < 12 {
			time.Sleep(50 * time.Millisecond)
		} else {
			time.Sleep(1500 * time.Millisecond)
		}
	}
}
