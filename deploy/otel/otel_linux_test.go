// Package otel holds a test only: what sockleak sends arrives in the
// OpenTelemetry Collector. It is a module of its own, for the collector's
// libraries are many.
package otel

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// collector starts the collector's own receiver on a free port, and returns
// its address and what it has received.
func collector(t *testing.T) (string, *consumertest.LogsSink) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	http := config.Protocols.HTTP.GetOrInsertDefault()
	http.ServerConfig.NetAddr.Endpoint = address
	config.Protocols.GRPC = configoptional.None[configgrpc.ServerConfig]()
	sink := new(consumertest.LogsSink)
	r, err := factory.CreateLogs(context.Background(), receivertest.NewNopSettings(factory.Type()), config, sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(context.Background(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Shutdown(context.Background()) })
	return address, sink
}

// leak leaves sockets of this process in CLOSE_WAIT, which nothing closes.
func leak(t *testing.T, n int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for range n {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { server.Close() })
		client.Close()
		_, _ = io.ReadAll(server)
	}
}

func TestCollector(t *testing.T) {
	address, sink := collector(t)
	leak(t, 5)
	sockleak := filepath.Join(t.TempDir(), "sockleak")
	build := exec.Command("go", "build", "-o", sockleak, "./cmd/sockleak")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(sockleak, "record", fmt.Sprint(os.Getpid()), "--for", "12s", "-o", "otlp=http://"+address+"/v1/logs")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	var finding, summary int
	for _, logs := range sink.AllLogs() {
		for _, record := range records(logs) {
			switch record.EventName() {
			case "sockleak.finding":
				finding++
				count, _ := record.Attributes().Get("sockleak.sockets")
				pid, _ := record.Attributes().Get("process.pid")
				if record.SeverityNumber() != plog.SeverityNumberError || count.Int() != 5 || pid.Int() != int64(os.Getpid()) ||
					!strings.Contains(record.Body().Str(), "5 sockets") {
					t.Errorf("%s %q %v", record.SeverityText(), record.Body().Str(), record.Attributes().AsRaw())
				}
			case "sockleak.summary":
				summary++
			}
		}
	}
	if finding != 1 || summary != 1 {
		t.Errorf("%d findings and %d summaries arrived, want one of each", finding, summary)
	}
}

func records(logs plog.Logs) (list []plog.LogRecord) {
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				list = append(list, record)
			}
		}
	}
	return list
}

// TestNoCollector: nobody listens, and sockleak says so and fails.
func TestNoCollector(t *testing.T) {
	cmd := exec.Command("go", "run", "./cmd/sockleak", "record", fmt.Sprint(os.Getpid()), "-o", "otlp=http://127.0.0.1:1/v1/logs")
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "see whether a collector listens there") {
		t.Errorf("%v\n%s", err, out)
	}
}
