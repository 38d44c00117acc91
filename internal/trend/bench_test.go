package trend

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/report"
)

// BenchmarkMonth reads a month of reports every five minutes. Each has 50
// processes, 20 findings and 200 sockets: about 80 KB.
func BenchmarkMonth(b *testing.B) {
	path := b.TempDir()
	const reports = 8640
	for i := range reports {
		store(b, path, busy(i))
	}
	d := opened(b, path)
	var before, after runtime.MemStats
	b.ResetTimer()
	for b.Loop() {
		runtime.ReadMemStats(&before)
		tr := read(b, d, Options{})
		runtime.ReadMemStats(&after)
		if tr.Reports != reports {
			b.Fatal(tr.Reports)
		}
	}
	b.ReportMetric(float64(after.Sys)/(1<<20), "sys-MiB")
}

// busy is a report of a busy host.
func busy(i int) *report.Document {
	doc := day(i % 145)
	doc.Time = start.Add(time.Duration(i) * 5 * time.Minute)
	open := 500
	for p := range 50 {
		doc.Processes = append(doc.Processes, report.DocumentProcess{PID: 1000 + p, StartTicks: uint64(p), Name: fmt.Sprintf("worker-%d", p),
			Command: []string{"/usr/bin/python3", "-m", "worker", "--number", fmt.Sprint(p)}, Descriptors: &open, DescriptorLimit: 1024,
			SocketFDs: 480, Identified: 480, TCPStates: map[string]int{"ESTABLISHED": 400, "CLOSE_WAIT": 80}})
	}
	for f := range 20 {
		doc.Findings = append(doc.Findings, report.DocumentFinding{Rule: "close-wait-eof-read", Level: "leak", Process: fmt.Sprintf("worker-%d", f),
			Fingerprint: fmt.Sprintf("%016x", f), Count: 80 + i, Summary: "holds sockets that 10.0.0.5:5432 closed",
			Evidence: []string{"the peer's FIN was consumed (recv-q 0) and close() never followed"},
			Peers:    []report.DocumentPeer{{Address: "10.0.0.5:5432", Count: 80}}, Fix: "close the socket in finally"})
	}
	for s := range 200 {
		doc.Sockets = append(doc.Sockets, report.DocumentSocket{Finding: fmt.Sprintf("%016x", s%20), Rule: "close-wait-eof-read", Verdict: "leak",
			PID: 1000, Inode: uint64(s), Cookie: uint64(s), NetNS: 4026531840, Proto: "tcp", State: "CLOSE_WAIT", Presence: "in table",
			Local: "10.0.0.1:40000", Peer: "10.0.0.5:5432", AgeAtLeastSeconds: 3600})
	}
	return doc
}
