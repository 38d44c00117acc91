package trend

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// browser finds Chromium, which .ci/run installs.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("needs chromium (Debian's package of that name) to open the page in a real browser")
	return ""
}

// visit opens a page in a headless browser and returns its DOM and what its
// scripts logged.
func visit(t *testing.T, html string) (dom, log string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
	// Background networking is off: the page must not need a network, and
	// the browser has no business there.
	cmd := exec.Command(browser(t), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--virtual-time-budget=2000", "--dump-dom", "file://"+file)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	return out.String(), errs.String()
}

// press is a script that sorts the table by two columns, as a reader would,
// and writes down what the table shows after each.
const press = `<script>
const shown = () => [...document.querySelectorAll("#findings tbody tr")].map(r => r.cells[2].textContent + "=" + r.cells[7].textContent).join(" ");
const heads = document.querySelectorAll("#findings th button");
const note = (name) => { const p = document.createElement("p"); p.textContent = name + ": " + shown(); document.body.append(p); };
heads[7].click(); note("by now");
heads[7].click(); note("by now again");
heads[2].click(); note("by process");
heads[5].click(); note("by first seen");
note("sorted " + document.querySelectorAll("th[aria-sort]").length + " column");
</script>`

var policy = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)

func TestPageInABrowser(t *testing.T) {
	tr := read(t, aDay(t), Options{Host: "web1"})
	var b bytes.Buffer
	if err := WriteHTML(&b, tr); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	dom, log := visit(t, html)
	if strings.Contains(log, "CONSOLE") {
		t.Errorf("the page logs something:\n%s", log)
	}
	if n := strings.Count(dom, `<svg class="chart"`); n != 1+len(tr.Findings)+1 {
		t.Errorf("%d charts", n)
	}
	// The policy lets no other script run, so the test drops it for its own.
	free := policy.ReplaceAllString(html, "")
	dom, log = visit(t, strings.Replace(free, "</body>", press+"</body>", 1))
	if strings.Contains(log, "CONSOLE") {
		t.Errorf("sorting logs something:\n%s", log)
	}
	evil := `&lt;script&gt;alert("x")&lt;/script&gt;`
	for _, want := range []string{
		"by now: api=720 worker=12 web=7 " + evil + "=2 batch=0",
		"by now again: batch=0 " + evil + "=2 web=7 worker=12 api=720",
		"by process: " + evil + "=2 api=720 batch=0 web=7 worker=12",
		"by first seen: batch=0 web=7 worker=12 api=720 " + evil + "=2",
		"sorted 1 column",
	} {
		if !strings.Contains(dom, want) {
			t.Errorf("the browser does not show %q in\n%s", want, tail(dom))
		}
	}
	_, log = visit(t, strings.Replace(html, "</body>", press+"</body>", 1))
	if !strings.Contains(log, "Content Security Policy") {
		t.Error("a script that is not the page's own was run")
	}
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

// The page must not load anything: no address but those of namespaces and
// of the sockets that it reports.
func TestPageNeedsNoNetwork(t *testing.T) {
	var b bytes.Buffer
	if err := WriteHTML(&b, read(t, aDay(t), Options{Host: "web1"})); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"http://", "https://", "//cdn", "@import", "url(", "<script src", "<link rel=\"stylesheet"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page contains %s", bad)
		}
	}
}

func TestChart(t *testing.T) {
	tr := read(t, aDay(t), Options{Host: "web1"})
	c := newChart(tr, tr.Findings[:1])
	if !strings.HasPrefix(c.Lines[0].Path, fmt.Sprintf("M%d ", marginLeft)) || strings.Contains(c.Lines[0].Path, "-") {
		t.Errorf("path %s", c.Lines[0].Path)
	}
	if c.YTicks[2].Label != "1000" {
		t.Errorf("axis %+v", c.YTicks)
	}
	for n, want := range map[int]int{1: 1, 3: 5, 5: 5, 6: 10, 720: 1000, 2147483647: 5000000000} {
		if got := roundUp(n); got != want {
			t.Errorf("roundUp(%d) = %d, want %d", n, got, want)
		}
	}
}

// Where reports are missing for long, the line is broken.
func TestChartBreaks(t *testing.T) {
	path := t.TempDir()
	for _, i := range []int{0, 1, 2, 3, 40, 80, 81} {
		store(t, path, day(i))
	}
	tr := read(t, opened(t, path), Options{})
	for _, s := range tr.Findings {
		if s.Name == "worker" {
			d := newChart(tr, []*Series{s}).Lines[0].Path
			if strings.Count(d, "M") != 3 || strings.Count(d, "h1") != 1 {
				t.Errorf("path %s", d)
			}
		}
	}
}
