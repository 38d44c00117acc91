// Package fetch is an example: a function that fetches a page, and a test
// that fails when it leaves the connection open.
package fetch

import (
	"fmt"
	"net/http"
)

// Size returns the size that the server announces for a page.
func Size(client *http.Client, url string) (int64, error) {
	resp, err := client.Get(url)
	if err != nil {
		return 0, fmt.Errorf("fetch: %w", err)
	}
	defer resp.Body.Close() // without this line the test fails
	return resp.ContentLength, nil
}
