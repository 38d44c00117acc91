package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/sockleak/sockleak/internal/archive"
	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// store is an archive that is locked for this run; nil fields where --dir
// was not given. Its files are reached with the caller's rights.
type store struct {
	dir    *archive.Dir
	writer *archive.Writer
}

func openStore(env Env, path string) (*store, error) {
	s := &store{}
	if path == "" {
		return s, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	err = caller.Do(func() error { return s.lock(path, host, env) })
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; create it with 'mkdir -m 0750 %s'", err, path)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *store) lock(path, host string, env Env) (err error) {
	if s.dir, err = archive.Open(path); err != nil {
		return err
	}
	if s.writer, err = s.dir.Lock(host, os.Getpid(), env.Now()); err != nil {
		return errors.Join(err, s.dir.Close())
	}
	return nil
}

func (s *store) close() {
	if s.writer != nil {
		s.writer.Unlock()
		s.dir.Close()
	}
}

// history returns the history that earlier runs on this boot have begun.
func (s *store) history(env Env) (*track.History, error) {
	if s.writer == nil {
		return track.NewHistory(), nil
	}
	var memory *track.Memory
	var rebuilt error
	err := caller.Do(func() (err error) {
		memory, rebuilt, err = s.writer.State()
		return err
	})
	if err != nil {
		return nil, err
	}
	if rebuilt != nil {
		fmt.Fprintf(env.Stderr, "sockleak: %s; rebuilt from the reports\n", words.Clean(rebuilt.Error()))
	}
	return track.Resume(memory), nil
}

// keep stores the report and what the next run starts from, and deletes old
// reports. What fails does not keep the rest from being done.
func (s *store) keep(env Env, r *report.Report, keep archive.Retention) error {
	if s.writer == nil {
		return nil
	}
	return caller.Do(func() error {
		name, err := s.writer.Write(report.NewDocument(r))
		if name == (archive.Name{}) {
			return err
		}
		if _, tty := terminal(env.Stderr); tty {
			fmt.Fprintf(env.Stderr, "sockleak: wrote %s in %s: %s\n", name, s.dir.Path(), r.Verdict)
		}
		_, pruned := s.writer.Prune(keep, env.Now())
		return errors.Join(err, s.writer.SaveState(r.History.Memory()), pruned)
	})
}
