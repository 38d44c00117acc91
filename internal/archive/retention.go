package archive

import (
	"fmt"
	"io/fs"
	"time"
)

// Retention says which reports of this host are kept. A zero field sets no
// limit. The newest report is always kept.
type Retention struct {
	Count int           // this many
	Age   time.Duration // those that are younger
	Bytes int64         // as many as fit
}

// Pruned is what one Prune did.
type Pruned struct {
	Deleted int
	Bytes   int64
	Foreign int // files with the name of our reports that are not: left alone
}

// maxPrune bounds the work of one run. The next run goes on.
const maxPrune = 10_000

// Prune deletes the oldest reports of this host beyond the limits, as
// measured by the times in their names against now. A file is deleted only
// when its name and its content both say that it is a sockleak report of
// this host. The newest, and the one that this run wrote, stay. Those that are
// too large to be read go first: they must not push out good ones.
func (w *Writer) Prune(keep Retention, now time.Time) (Pruned, error) {
	var done Pruned
	if keep == (Retention{}) {
		return done, nil
	}
	stock, err := w.takeStock()
	if err != nil {
		return done, err
	}
	for _, file := range stock.tooBig {
		if !stock.exceeds(keep) {
			break
		}
		if err := w.prune(file, &stock, &done); err != nil {
			return done, err
		}
	}
	for _, file := range stock.oldest {
		n, _ := ParseName(file)
		if !stock.exceeds(keep) && (keep.Age == 0 || now.Sub(n.Time) <= keep.Age) {
			break
		}
		if file == stock.newest || file == w.last {
			continue
		}
		if err := w.prune(file, &stock, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// prune deletes the file when it is a report of this host.
func (w *Writer) prune(file string, s *stock, done *Pruned) error {
	size := w.size(file)
	s.count--
	s.bytes -= size
	if h, ok := w.head(file); !ok || h.tool != "sockleak" || h.host != w.host {
		done.Foreign++
		return nil
	}
	if err := w.root.Remove(file); err != nil {
		return fmt.Errorf("delete old report: %w", w.explain(err))
	}
	done.Deleted++
	done.Bytes += size
	return nil
}

// stock is what the directory holds of this host.
type stock struct {
	count  int
	bytes  int64
	newest string
	oldest []string // at most maxPrune, oldest first
	tooBig []string // at most maxPrune that are not read any more, in no order
}

func (s *stock) exceeds(keep Retention) bool {
	return keep.Count > 0 && s.count > keep.Count || keep.Bytes > 0 && s.bytes > keep.Bytes
}

func (w *Writer) takeStock() (stock, error) {
	var s stock
	oldest := selection{limit: maxPrune}
	err := w.walk(func(file string) {
		if n, ok := ParseName(file); !ok || n.Host != w.safe {
			return
		}
		s.count++
		size := w.size(file)
		s.bytes += size
		if size > maxReport && len(s.tooBig) < maxPrune {
			s.tooBig = append(s.tooBig, file)
			return
		}
		oldest.add(file)
		s.newest = max(s.newest, file)
	})
	s.oldest = oldest.sorted()
	return s, err
}

// size returns the size of a regular file, and 0 for anything else.
func (w *Writer) size(file string) int64 {
	info, err := w.root.Lstat(file)
	if err != nil || info.Mode()&fs.ModeType != 0 {
		return 0
	}
	return info.Size()
}
