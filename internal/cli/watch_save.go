package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sockleak/sockleak/internal/atomicfile"
	"github.com/sockleak/sockleak/internal/report"
)

// save writes the report of the newest sample into a file of the working
// directory, as people read it, and says what came of it.
func (w *watching) save(ctx context.Context) string {
	r, err := w.current(ctx)
	if err != nil {
		return "not written: " + err.Error()
	}
	path := fmt.Sprintf("sockleak-%s.txt", r.Snapshot.Taken.UTC().Format("20060102T150405Z"))
	f, err := atomicfile.Open(path)
	if err == nil {
		page, _ := report.ByName("table") // it is always there
		err = f.Replace(func(to io.Writer) error {
			_, err := fmt.Fprintf(to, "sockleak watch %s, %s\n\n", r.Target, r.Snapshot.Taken.UTC().Format(time.RFC3339))
			if err != nil {
				return err
			}
			return page.Write(to, r, report.Options{Sockets: -1, Verbose: true, User: userName})
		})
	}
	if err != nil {
		return fmt.Sprintf("not written: %v; start watch where you may write", err)
	}
	return "wrote the report to " + path
}
