package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/words"
)

func TestCommandsAreMasked(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"api --port 8080 --workers=4 -c conf/api.yaml", "api --port 8080 --workers=4 -c conf/api.yaml"},
		{"api --password=hunter2 --db-passwd hunter2 --verbose", "api --password=*** --db-passwd *** --verbose"},
		{"api --api-key hunter2 --apikey=hunter2 -token hunter2", "api --api-key *** --apikey=*** -token ***"},
		{"env PGPASSWORD=hunter2 AWS_SECRET_ACCESS_KEY=hunter2 HOME=/root psql", "env PGPASSWORD=*** AWS_SECRET_ACCESS_KEY=*** HOME=/root psql"},
		{"mysql -uroot -phunter2 shop", "mysql -uroot -p*** shop"},
		{"/usr/bin/sshpass -phunter2 ssh -p22 host", "/usr/bin/sshpass -p*** ssh -p*** host"},
		{"ssh -p22 host", "ssh -p22 host"},
		{"redis-cli -a hunter2 ping", "redis-cli -a *** ping"},
		{"curl -u me:hunter2 https://me:hunter2@example.com/x?token=hunter2&y=1", "curl -u *** https://***@example.com/x?token=***&y=1"},
		{"worker postgres://app:hunter2@db:5432/shop", "worker postgres://***@db:5432/shop"},
		{"worker amqp://hunter2@mq", "worker amqp://***@mq"},
		{"curl -H Authorization:_hunter2", "curl -H Authorization:***"},
		{"x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "x ***"},
		{"x ghp_0123456789abcdefABCDEF0123456789abcd", "x ***"},
		{"x AKIAIOSFODNN7EXAMPLE", "x ***"},
		{"x 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "x ***"},
		{"x dGhpcyBpcyBhIHNlY3JldCBrZXkgMTIz==", "x ***"},
		{"java -Dspring.datasource.password=hunter2 -Dorg.example.some.long.name=true -jar app-1.2.3.jar",
			"java -Dspring.datasource.password=*** -Dorg.example.some.long.name=true -jar app-1.2.3.jar"},
		{"/usr/lib/x86_64-linux-gnu/libexec/kf5/some_service --session-file=x", "/usr/lib/x86_64-linux-gnu/libexec/kf5/some_service --session-file=***"},
	} {
		args := strings.Fields(c.in)
		if d := cmp.Diff(strings.Fields(c.want), newCommands(false).text(args)); d != "" {
			t.Errorf("%s:\n%s", c.in, d)
		}
		if d := cmp.Diff(args, newCommands(true).text(args)); d != "" {
			t.Errorf("whole: %s:\n%s", c.in, d)
		}
	}
	spaced := []string{"curl", "-H", "Authorization: Bearer hunter2", `--data={"password": "hunter2"}`}
	if got := strings.Join(newCommands(false).text(spaced), " "); strings.Contains(got, "hunter2") {
		t.Error(got)
	}
}

func TestCommandsAreCut(t *testing.T) {
	long := strings.Repeat("é", words.MaxText)
	got := newCommands(false).text([]string{"python3", "-c", long, "b"})
	if len(got) != 4 || got[2] != strings.Repeat("é", maxArg/2)+"... (7992 more bytes)" {
		t.Errorf("%d arguments: %.300q", len(got), got)
	}
	if got := newCommands(false).text(strings.Fields(strings.Repeat("argument ", 500))); got[len(got)-1] != "... (388 more arguments)" {
		t.Errorf("%d arguments, the last %q", len(got), got[len(got)-1])
	}
	got = newCommands(true).text([]string{"python3", long, "a", "b"})
	if len(got) != 3 || got[0] != "python3" || got[2] != "... (2 more arguments)" {
		t.Errorf("%d arguments, the last %q", len(got), got[len(got)-1])
	}
}

// Whatever the arguments are, what is written is bounded and clean.
func FuzzCommands(f *testing.F) {
	f.Add("mysql\x00-phunter2\x00--password\x00x")
	f.Add("\xff=\x00://@")
	f.Fuzz(func(t *testing.T, text string) {
		total := 0
		for _, arg := range newCommands(false).text(strings.Split(text, "\x00")) {
			total += len(arg)
			if words.Clean(arg) != arg {
				t.Errorf("not clean: %q", arg)
			}
		}
		if total > 20*maxCommand {
			t.Errorf("%d bytes", total)
		}
	})
}

// TestLongArgumentsAreMasked: a secret behind megabytes is neither looked for
// at length nor shown.
func TestLongArgumentsAreMasked(t *testing.T) {
	secret := "hunter2hunter2hunter2hunter2"
	for _, at := range []int{10, words.MaxText - 20, words.MaxText - 5, words.MaxText + 5} {
		arg := strings.Repeat("a ", at/2) + secret + strings.Repeat(" b", 1<<19)
		for _, full := range []string{arg, strings.Repeat("password=x ", 1<<16) + secret} {
			got := strings.Join(newCommands(false).text([]string{"api", full, "tail"}), " ")
			if strings.Contains(got, "hunter") || len(got) > 2000 || !strings.Contains(got, "more bytes)") {
				t.Errorf("secret at %d: %q", at, got)
			}
		}
	}
}
