package trend

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/report"
)

// pageOf writes the page of a trend.
func pageOf(t *testing.T, tr *Trend) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, tr); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// drawn counts the figures whose canvas has more than one colour.
const drawn = `[...document.querySelectorAll("figure canvas")].filter(c => {
	const pixels = new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer);
	return c.getBoundingClientRect().height > 0 && new Set(pixels).size > 5;
}).length`

// seen counts the figures whose picture is shown.
const seen = `[...document.querySelectorAll("figure > svg.chart")].filter(s => s.getBoundingClientRect().height > 0).length`

// faint lists the texts whose contrast with what is behind them is below 4.5
// to 1 (WCAG 2.2, 1.4.3).
const faint = `(() => {
	const parse = c => c.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] !== 0) return c; } return [255, 255, 255]; };
	return [...document.querySelectorAll("body *")].filter(e => e.getClientRects().length && !e.closest("script, .uplot") && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).filter(e => {
		const style = getComputedStyle(e), a = light(parse(e instanceof SVGElement ? style.fill : style.color)), b = light(behind(e));
		return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5;
	}).map(e => e.tagName + "." + e.getAttribute("class") + " " + e.textContent.slice(0, 40));
})()`

// TestPageInABrowser opens the page as people do.
func TestPageInABrowser(t *testing.T) {
	b := openTab(t)
	html := pageOf(t, read(t, aDay(t), Options{Host: "web1"}))
	looks(b, html, 5+1+1)
	b.run("hover", func(t *testing.T) { hover(t, b, html) })
	b.run("sorting", func(t *testing.T) { sorting(t, b, html) })
	b.run("age", func(t *testing.T) { aging(t, b, html) })
	b.run("hostile", func(t *testing.T) { hostile(t, b) })
	b.run("one report", func(t *testing.T) { oneReport(t, b) })
	b.run("bounded", func(t *testing.T) { bounded(t, b) })
}

// looks opens the page with that many charts on different devices.
func looks(b *tab, html string, charts int) {
	for _, l := range []look{
		{name: "light", width: 1280, height: 900, scale: 1, scheme: "light"},
		{name: "dark", width: 1280, height: 900, scale: 1, scheme: "dark"},
		{name: "phone", width: 390, height: 844, scale: 2, scheme: "light"},
		{name: "phone-dark", width: 320, height: 568, scale: 2, scheme: "dark"},
		{name: "print", width: 794, height: 1123, scale: 1, scheme: "dark", media: "print"},
		{name: "no-script", width: 1280, height: 900, scale: 1, scheme: "light", noScript: true},
	} {
		b.run(l.name, func(t *testing.T) {
			b.emulate(l)
			b.visit(html)
			b.picture(l.name)
			if wide := b.eval("document.documentElement.scrollWidth"); wide != fmt.Sprint(l.width) {
				t.Errorf("the page is %s wide in a window of %d", wide, l.width)
			}
			onScreen := l.media == "" && !l.noScript
			if n := b.eval(drawn); onScreen && n != fmt.Sprint(charts) {
				t.Errorf("%s charts are drawn, want %d", n, charts)
			}
			if n := b.eval(seen); n != fmt.Sprint(charts) && !onScreen || n != "0" && onScreen {
				t.Errorf("%s pictures of charts are shown, of %d", n, charts)
			}
			if list := b.eval(faint); list != "[]" {
				t.Errorf("too faint to read: %s", list)
			}
			if len(b.trouble) > 0 {
				t.Errorf("%q", b.trouble)
			}
		})
	}
}

// hover reads values off a chart, with the mouse and with the keys.
func hover(t *testing.T, b *tab, html string) {
	b.emulate(look{width: 1000, height: 1600, scale: 1, scheme: "light"})
	b.visit(html)
	const caption = `document.querySelector("figcaption").innerText.replace(/\s+/g, " ").trim()`
	before := b.text(caption)
	var at struct{ X, Y float64 }
	b.get(&at, json.RawMessage(b.eval(`(() => { document.querySelector("figure").scrollIntoView(); const r = document.querySelector(".u-over").getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`)))
	b.mouse(at.X, at.Y)
	// The middle of the day: report 72 of 145, with five sockets more in each.
	if got := b.text(caption); !regexp.MustCompile(`^2026-11-01 1[12]:[0-5]0 UTC 3[56][05] sockets$`).MatchString(got) {
		t.Errorf("at the middle the chart says %q", got)
	}
	b.picture("hover")
	b.mouse(1, 1)
	if got := b.text(caption); got != before {
		t.Errorf("without the mouse the chart says %q, not %q", got, before)
	}
	key := func(name string) string {
		return b.text(`(() => { document.querySelector("figure").dispatchEvent(new KeyboardEvent("keydown", {key: "` + name + `"})); return new Promise(done => setTimeout(() => done(` + caption + `), 50)); })()`)
	}
	if got := key("ArrowLeft"); got != "2026-11-02 00:00 UTC 720 sockets" {
		t.Errorf("the last point is %q", got)
	}
	if got := key("ArrowLeft"); got != "2026-11-01 23:50 UTC 715 sockets" {
		t.Errorf("the point before the last is %q", got)
	}
	states := b.text(`(() => { const f = [...document.querySelectorAll("figure")].at(-1); f.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowLeft"}));
		return new Promise(done => setTimeout(() => done(f.querySelector("figcaption").innerText.replace(/\s+/g, " ").trim()), 50)); })()`)
	if states != "2026-11-02 00:00 UTC CLOSE_WAIT 720 sockets ESTABLISHED 44 sockets LISTEN 1 sockets" {
		t.Errorf("the states at the end are %q", states)
	}
	if len(b.trouble) > 0 {
		t.Errorf("%q", b.trouble)
	}
}

// sorting presses the heads of the table.
func sorting(t *testing.T, b *tab, html string) {
	b.visit(html)
	press := func(column int) string {
		return b.text(fmt.Sprintf(`(() => { document.querySelectorAll("#findings th")[%d].querySelector("button").click();
			return [...document.querySelectorAll("#findings tbody tr")].map(r => r.cells[1].textContent + "=" + r.cells[6].textContent).join(" "); })()`, column))
	}
	evil := `<script>alert("x")</script>`
	for _, c := range []struct {
		column int
		want   string
	}{
		{6, "api=720 worker=12 web=7 " + evil + "=2 batch=0"},
		{6, "batch=0 " + evil + "=2 web=7 worker=12 api=720"},
		{1, evil + "=2 api=720 batch=0 web=7 worker=12"},
		{8, "batch=0 web=7 worker=12 api=720 " + evil + "=2"},
	} {
		if got := press(c.column); got != c.want {
			t.Errorf("by column %d: %s, want %s", c.column, got, c.want)
		}
	}
	if n := b.eval(`document.querySelectorAll("th[aria-sort]").length`); n != "1" {
		t.Errorf("%s columns are sorted", n)
	}
}

// aging: whoever opens the page later learns how old it has become.
func aging(t *testing.T, b *tab, html string) {
	last := start.Add(24 * time.Hour)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{-time.Hour, "The last report is of 2026-11-02 00:00 UTC, and this page of 2026-11-02 00:00 UTC."},
		{25 * time.Minute, "The last report is 25m old now; this page was made 2026-11-02 00:00 UTC."},
		{51 * time.Hour, "The last report is 2d3h old now; this page was made 2026-11-02 00:00 UTC. Make it again; when there is no newer report, check whether the timer or cron job still runs."},
	} {
		var script struct{ Identifier string }
		b.get(&script, b.call("Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": fmt.Sprintf("Date.now = () => %d", last.Add(c.after).UnixMilli())}))
		b.visit(html)
		if got := b.text(`document.getElementById("age").textContent`); got != c.want {
			t.Errorf("%s later: %q", c.after, got)
		}
		b.call("Page.removeScriptToEvaluateOnNewDocument", map[string]any{"identifier": script.Identifier})
	}
}

// hostile: whatever a report says is text, and a script that came into
// the page all the same would not run.
func hostile(t *testing.T, b *tab) {
	evil := `"'</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1><!--<svg onload=pwned=1>]]>` + "\u2028\u202e\x1b[31m{{.}}"
	path := t.TempDir()
	for i := range 12 {
		doc := day(i + 1)
		doc.Host.Name, doc.Tool.Target = "web1", evil
		p, f := &doc.Processes[0], &doc.Findings[0]
		for _, text := range []*string{&p.Name, &p.Unit, &p.Pod, &p.Container, &p.Cwd, &f.Rule, &f.Level, &f.Fingerprint, &f.Process, &f.Summary, &f.Local, &f.Watched,
			&f.Matters, &f.Fix, &f.Peers[0].Address, &f.Location.File, &f.Opened[0].At.File, &f.Opened[0].At.Function, &f.Opened[1].Doubt, &f.Opened[1].Thread,
			&doc.Sockets[0].Finding, &doc.Sockets[0].Object.HeldBy[0], &doc.Waiters[0].Name, &doc.Waiters[0].Call, &doc.Waiters[0].Frames[1].File} {
			*text = evil
		}
		f.Evidence, f.Unknown, p.Command = []string{evil}, []string{evil}, []string{evil}
		p.TCPStates = map[string]int{evil: 3, "LISTEN": 1}
		store(t, path, doc)
	}
	tr := read(t, opened(t, path), Options{})
	html := pageOf(t, tr)
	for _, bad := range []string{"<img", "onerror=window.pwned=1>", "\x1b", "\u202e", "\u2028"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	b.visit(html)
	if n, pwned := b.eval("document.scripts.length"), b.eval("typeof window.pwned"); n != "3" || pwned != `"undefined"` {
		t.Errorf("%s scripts, pwned is %s", n, pwned)
	}
	if n := b.eval(drawn); n == "0" || len(b.trouble) > 0 {
		t.Errorf("%s charts, %q", n, b.trouble)
	}
	if got := b.text(`document.querySelector("h3").textContent`); strings.Count(got, `"'</script><script>window.pwned=1`) != 3 {
		t.Errorf("the summary is %q", got)
	}
	if facts := b.eval(`document.querySelector("dl").children.length`); facts != "12" {
		t.Errorf("%s facts are told", facts)
	}
	b.visit(strings.Replace(html, "</body>", "<script>window.pwned=1</script></body>", 1))
	if got := b.eval("typeof window.pwned"); got != `"undefined"` || !slices.ContainsFunc(b.trouble, func(s string) bool { return strings.Contains(s, "Content Security Policy") }) {
		t.Errorf("a script that is not the page's own was run")
	}
}

// oneReport: a first report makes a page too, also one without a finding.
func oneReport(t *testing.T, b *tab) {
	for i, want := range map[int]string{1: "5", 0: "1"} {
		path, doc := t.TempDir(), day(i)
		if i == 0 {
			doc.Findings = nil
		}
		store(t, path, doc)
		b.visit(pageOf(t, read(t, opened(t, path), Options{})))
		if n := b.eval(drawn); n != want || len(b.trouble) > 0 {
			t.Errorf("%s charts, want %s; %q", n, want, b.trouble)
		}
	}
}

// bounded: a large archive makes a page that a browser still opens.
func bounded(t *testing.T, b *tab) {
	path := t.TempDir()
	for i := range 1000 {
		doc := day(i % 145)
		doc.Time = start.Add(time.Duration(i) * 10 * time.Minute)
		for j := range 50 {
			doc.Findings = append(doc.Findings, report.DocumentFinding{Rule: "close-wait-eof-read", Level: "leak", Process: fmt.Sprintf("worker-%d", j),
				Fingerprint: fmt.Sprintf("%016x", j), Count: i + j, Summary: "holds sockets", Fix: "close them", Evidence: []string{"the peer's FIN was consumed"}})
		}
		store(t, path, doc)
	}
	tr := read(t, opened(t, path), Options{})
	html := pageOf(t, tr)
	if len(html) > 1<<20 {
		t.Errorf("the page of 1,000 reports with 50,000 points has %d KB", len(html)>>10)
	}
	for _, want := range []string{"up to 3 reports", "The 50 most urgent of 55 findings"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	b.visit(html)
	if n := b.eval(drawn); n != "52" || len(b.trouble) > 0 {
		t.Errorf("%s charts, %q", n, b.trouble)
	}
}

func TestChart(t *testing.T) {
	tr := read(t, aDay(t), Options{Host: "web1"})
	c := newPage(tr).Details[0].Chart
	if d := c.Lines[0].Path; !strings.HasPrefix(d, fmt.Sprintf("M%d ", marginLeft)) || strings.Contains(d, "-") {
		t.Errorf("path %s", d)
	}
	if top := c.YTicks[len(c.YTicks)-1].Label; top != "800" {
		t.Errorf("axis %+v", c.YTicks)
	}
	for n, want := range map[int]int{1: 1, 4: 1, 5: 2, 8: 2, 9: 5, 720: 200, 2147483647: 1000000000} {
		if got := niceStep(n); got != want {
			t.Errorf("niceStep(%d) = %d, want %d", n, got, want)
		}
	}
}

// TestStates: areas lie upon each other, and their rarest are one.
func TestStates(t *testing.T) {
	path := t.TempDir()
	for i := range 12 {
		doc := day(i)
		doc.Processes[0].TCPStates = map[string]int{}
		for j := range 11 {
			doc.Processes[0].TCPStates[fmt.Sprintf("STATE_%02d", j)] = 100 - j
		}
		store(t, path, doc)
	}
	c := newPage(read(t, opened(t, path), Options{})).StateAreas[0].Chart
	last := c.Lines[len(c.Lines)-1]
	if len(c.Lines) != len(strokes) || last.Name != "others" || last.Now != 93+92+91+90 || last.Max != last.Now || last.Counts[0] != last.Now {
		t.Errorf("%d lines, the last %+v", len(c.Lines), last)
	}
	if got := above([]int{3, hole, 2}, []int{1, hole, hole}); !slices.Equal(got, []int{4, hole, hole}) {
		t.Errorf("above: %v", got)
	}
}

// Where reports are missing for long, the line is broken; what reports of
// another target do not tell does not break it.
func TestChartBreaks(t *testing.T) {
	path := t.TempDir()
	for _, i := range []int{0, 1, 2, 3, 40, 80, 81} {
		store(t, path, day(i))
		other := day(i)
		other.Time, other.Tool.Target, other.Findings = other.Time.Add(time.Minute), "--name mail", nil
		store(t, path, other)
	}
	for _, c := range newPage(read(t, opened(t, path), Options{})).Details {
		if d := c.Chart.Lines[0].Path; c.Name == "worker" && (strings.Count(d, "M") != 3 || strings.Count(d, "h1") != 1) {
			t.Errorf("path %s", d)
		}
	}
}
