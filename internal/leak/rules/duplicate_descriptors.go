package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func duplicateDescriptors() leak.Rule {
	return leak.Rule{
		ID: "duplicate-descriptors", Title: "descriptors of the same socket pile up in one process", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "One process has several descriptors of the same socket (dup, F_DUPFD, SCM_RIGHTS). Closing one of " +
				"them does not close the connection.",
			Causes: "A duplicate that was made to hand the socket on, or to wrap it in a file object, and that was not " +
				"closed.",
			Evidence: "Descriptors from 3 up in one process that lead to the same socket; the first is not counted. Four " +
				"extra ones are suspected, sixteen are a leak.",
			BlindSpot: "Duplicates in different processes (fork) are not counted here: see inherited and held-by-worker. One for " +
				"reading and one for writing of a few sockets are normal.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close every copy that dup(), fcntl(F_DUPFD) or recvmsg(SCM_RIGHTS) made",
			socket.Python:         "with sock.dup() as copy: ... - close what dup(), os.dup() and socket.fromfd() return; makefile() duplicates nothing",
			socket.Go:             "f, err := conn.File(); defer f.Close() - (*net.TCPConn).File and (*net.TCPListener).File return duplicates",
			socket.Java:           "close channels received from native code: FileDescriptor objects from JNI are not closed by the Socket",
			socket.Ruby:           "io.dup and Socket.for_fd make new owners: close each, or for_fd(fd).autoclose = false",
			socket.Native:         "close() the descriptor from dup(), F_DUPFD_CLOEXEC, recvmsg(SCM_RIGHTS), pidfd_getfd(); fdopen(dup(fd)) needs fclose()",
		}},
		Check: checkDuplicates,
	}
}

// The number of extra descriptors from which on they are mentioned, and from
// which on no program has a use for them.
const (
	fewDuplicates  = 4
	manyDuplicates = 16
)

func checkDuplicates(c *leak.Case) []leak.Finding {
	extra := map[socket.ProcessID]int{}
	list := map[socket.ProcessID][]*socket.Socket{}
	most := map[socket.ProcessID]int{}
	for _, s := range c.Now().Sockets {
		for id, n := range copies(s) {
			extra[id] += n - 1
			most[id] = max(most[id], n)
			list[id] = append(list[id], s)
		}
	}
	var out []leak.Finding
	for i := range c.Now().Processes {
		p := &c.Now().Processes[i]
		n := extra[p.ID]
		if !p.Target || n < fewDuplicates || p.Stopped() {
			continue
		}
		if most[p.ID] <= 2 && n < manyDuplicates { // one for reading, one for writing
			continue
		}
		f := leak.Finding{Level: leak.Suspect, Process: p.ID, Processes: []socket.ProcessID{p.ID}, Sockets: list[p.ID],
			Summary:  fmt.Sprintf("has %d descriptors too many of %s", n, words.Plural(len(list[p.ID]), "socket")),
			Evidence: []string{fmt.Sprintf("the first, %s, has %d descriptors in this process", name(list[p.ID][0]), copies(list[p.ID][0])[p.ID])},
			Unknown:  []string{"what the duplicates are for is not known"}}
		if n >= manyDuplicates && most[p.ID] > 2 {
			f.Level, f.Unknown = leak.Leak, nil
		}
		out = append(out, f)
	}
	return out
}

// copies counts the descriptors above stderr that each process has of the
// socket, where it has more than one.
func copies(s *socket.Socket) map[socket.ProcessID]int {
	if len(s.Holders) < 2 {
		return nil
	}
	count := map[socket.ProcessID]int{}
	for i := range s.Holders {
		if s.Holders[i].FD >= firstOwnFD {
			count[s.Holders[i].Process]++
		}
	}
	for id, n := range count {
		if n < 2 {
			delete(count, id)
		}
	}
	return count
}

// name names one socket.
func name(s *socket.Socket) string {
	if s.Remote.IsValid() {
		return fmt.Sprintf("%s to %s", s.Proto(), s.Remote)
	}
	return fmt.Sprintf("%s %s", s.Proto(), s.State)
}
