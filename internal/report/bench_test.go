package report

import (
	"fmt"
	"io"
	"net/netip"
	"testing"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// benchSockets is the size of a large host, all of it leaked: the most that
// a format can have to write.
const benchSockets = 50_000

// bigReport has 500 processes with 100 leaked sockets each.
func bigReport() *Report {
	const perProcess = 100
	var procs []socket.Process
	var socks []*socket.Socket
	var findings []leak.Finding
	for i := range benchSockets / perProcess {
		id := socket.ProcessID{PID: 1000 + i, Start: uint64(i + 1)}
		procs = append(procs, socket.Process{ID: id, Name: fmt.Sprintf("app-%d", i%150), Args: []string{"app", "--serve"},
			Target: true, FDs: 200, FDLimit: 1024})
		var list []*socket.Socket
		for j := range perProcess {
			s := fixtureSocket(id, i*perProcess+j, socket.CloseWait, "10.0.0.1:1", "10.0.0.5:5432")
			s.Local = netip.AddrPortFrom(s.Local.Addr(), uint16(1024+j))
			list = append(list, s)
		}
		socks = append(socks, list...)
		findings = append(findings, leak.Finding{Rule: "close-wait-eof-read", Level: leak.Leak, Process: id,
			Remote: list[0].Remote, Sockets: list, Summary: "holds 100 sockets that 10.0.0.5:5432 closed",
			Evidence: []string{"the peer's FIN was consumed (recv-q 0) and close() never followed"},
			Fix:      "close the socket", Location: &leak.Location{File: "app.py", Line: 1}})
	}
	return fixtureReport(fixtureSnapshot(procs, socks), findings)
}

// BenchmarkFormats writes 50,000 sockets in every format.
func BenchmarkFormats(b *testing.B) {
	r := bigReport()
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) {
			var n counter
			if err := f.Write(&n, r, Options{Sockets: -1}); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Write(io.Discard, r, Options{Sockets: -1}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n), "bytes-written") // after Loop, which resets it
		})
	}
}

// BenchmarkParseDocument reads what json wrote about 50,000 sockets.
func BenchmarkParseDocument(b *testing.B) {
	raw := write(b, jsonDocument(), bigReport(), Options{})
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseDocument(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// counter counts bytes.
type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
