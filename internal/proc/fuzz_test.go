//go:build linux

package proc

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/sockleak/sockleak/internal/socket"
)

// Every parser is given what a damaged or hostile file could hold. It must
// not panic, and what it accepts must be in bounds.

// seedRows adds every line of the recorded table with the name, whole and cut.
func seedRows(f *testing.F, name string) {
	f.Helper()
	archive, err := txtar.ParseFile("testdata/python.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		if !strings.HasSuffix(file.Name, "/net/"+name) {
			continue
		}
		for line := range bytes.Lines(file.Data) {
			f.Add(bytes.TrimSuffix(line, []byte("\n")))
			f.Add(line[:len(line)/2])
		}
	}
}

// fuzzRow checks a parser of rows.
func fuzzRow(f *testing.F, name string, family socket.Family, parse rowParser) {
	seedRows(f, name)
	f.Fuzz(func(t *testing.T, line []byte) {
		s := socket.Socket{Family: family}
		why := parse(line, &s)
		if why == "" && s.Presence == socket.InTable && s.Facts == 0 {
			t.Errorf("row %q accepted without facts", line)
		}
		if s.Timer.Expires < 0 {
			t.Errorf("row %q: timer %v", line, s.Timer)
		}
	})
}

func FuzzTCP(f *testing.F)     { fuzzRow(f, "tcp", socket.IPv4, parseTCP) }
func FuzzTCP6(f *testing.F)    { fuzzRow(f, "tcp6", socket.IPv6, parseTCP) }
func FuzzUDP(f *testing.F)     { fuzzRow(f, "udp", socket.IPv4, parseUDP) }
func FuzzRaw(f *testing.F)     { fuzzRow(f, "raw", socket.IPv4, parseRaw) }
func FuzzUnix(f *testing.F)    { fuzzRow(f, "unix", socket.Unix, parseUnix) }
func FuzzNetlink(f *testing.F) { fuzzRow(f, "netlink", socket.Netlink, parseNetlink) }
func FuzzPacket(f *testing.F)  { fuzzRow(f, "packet", socket.Packet, parsePacket) }

func FuzzStat(f *testing.F) {
	f.Add([]byte("1 (a) S 0 1"))
	f.Add([]byte("1 (a) b) R) S 0 0 0 0 -1 4194560 2 2 0 1 7 2 9 3 20 0 13 0 11 430 31 18446744073709551615\n"))
	f.Add([]byte("()\x00 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"))
	f.Add([]byte("1 (a) R 0 0 0 0 0 0 0 0 0 0 18446744073709551615 18446744073709551615 0 0 0 0 1 0 0\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		stat, why := parseStat(data)
		if why == "" && (stat.State == 0 || stat.CPU < 0) {
			t.Errorf("%q accepted as %+v", data, stat)
		}
	})
}

func FuzzFDInfo(f *testing.F) {
	f.Add([]byte("pos:\t0\nflags:\t02000002\nmnt_id:\t10\nino:\t9845\n"))
	f.Add([]byte("pos:\t0\nflags:\t02\nmnt_id:\t10\nino:\t1\ntfd:        3 events:       19"))
	f.Add([]byte("flags:\t9\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, why := parseFDInfo(data)
		if why == "" && (info.kind == Socket || !bytes.Contains(data, []byte("mnt_id"))) {
			t.Errorf("%q accepted as %+v", data, info)
		}
	})
}

func FuzzTFD(f *testing.F) {
	f.Add([]byte("tfd:        3 events:       19 data:                3  pos:0 ino:2675 sdev:9"))
	f.Add([]byte("tfd: 99999999999 events: 1 data: 0 pos:0 ino:g sdev:9"))
	f.Fuzz(func(t *testing.T, line []byte) {
		var watch socket.EpollWatch
		if parseTFD(line, &watch) && watch.FD < 0 {
			t.Errorf("%q accepted as %+v", line, watch)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("running\n"))
	f.Add([]byte("-1 0x7ffe20ed1968 0x7f7a6d52e2ad\n"))
	f.Add([]byte("0 0x3 0x7f7a6d3b2000 0x20000 0x7f7a6d445b60 0xffffffff 0x0 0x7ffe20ed1968 0x7f7a6d52e2ad\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, why := parseFrame(data)
		if why == "" && frame.number < -1 {
			t.Errorf("%q accepted as %+v", data, frame)
		}
	})
}

func FuzzEntry(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x18\x00\x0a12\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for rest := data; len(rest) > 0; {
			before := len(rest)
			var name []byte
			if name, rest = nextEntry(rest); name == nil {
				return
			}
			if len(rest) >= before || name[len(name)-1] != 0 {
				t.Fatalf("entry %q, %d of %d bytes left", name, len(rest), before)
			}
		}
	})
}

func FuzzContainer(f *testing.F) {
	f.Add("/docker/" + idA)
	f.Add("/system.slice/_x.service/:-.scope")
	f.Fuzz(func(t *testing.T, path string) {
		if id, ok := ContainerID(path); ok && (!strings.Contains(path, id) || !InContainer(path, id)) {
			t.Errorf("%q is in container %q, and is not", path, id)
		}
		if unit, ok := Unit(path); ok && !InUnit(path, unit) {
			t.Errorf("%q is in unit %q, and is not", path, unit)
		}
	})
}

// eachLine gives every line once, however the reads fall.
func FuzzEachLine(f *testing.F) {
	f.Add([]byte("a\nb\n\nc\n"), uint8(1))
	f.Add([]byte("cut"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, chunk uint8) {
		var got []byte
		last := 0
		err := eachLine(&chunked{data, int(chunk) + 1}, "file", func(n int, line []byte) error {
			if n != last+1 {
				t.Fatalf("line %d after %d", n, last)
			}
			last = n
			got = append(append(got, line...), '\n')
			return nil
		})
		var parse *ParseError
		switch {
		case err == nil && !bytes.Equal(got, data):
			t.Errorf("got %q from %q", got, data)
		case err != nil && (!errors.As(err, &parse) || !bytes.HasPrefix(data, got)):
			t.Errorf("%v; got %q from %q", err, got, data)
		}
	})
}
