package trend

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tab is a page in a headless Chromium, driven through the DevTools protocol
// (https://chromedevtools.github.io/devtools-protocol/) over a pipe.
type tab struct {
	t       *testing.T
	in      *os.File
	out     *os.File
	replies *bufio.Reader
	session string
	calls   int
	loaded  bool
	trouble []string // what scripts logged, what the policy blocked, and what was asked of the network
}

// message is a reply or an event.
type message struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// chromium finds the browser, which .ci/run installs.
func chromium(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs chromium (Debian's package of that name) to open the page in a real browser")
	}
	return path
}

// run is t.Run with the tab.
func (b *tab) run(name string, f func(t *testing.T)) {
	whole := b.t
	whole.Run(name, func(t *testing.T) {
		b.t = t
		defer func() { b.t = whole }()
		f(t)
	})
}

// openTab starts a browser with an empty page.
func openTab(t *testing.T) *tab {
	t.Helper()
	theirIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// Background networking is off: the page must not need a network, and
	// the browser has no business there.
	cmd := exec.Command(chromium(t), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-pipe")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &tab{t: t, in: in, out: out, replies: bufio.NewReader(out)}
	t.Cleanup(func() {
		b.call("Browser.close", nil)
		in.Close()
		out.Close()
		if err := cmd.Wait(); err != nil {
			t.Logf("chromium: %v", err)
		}
	})
	var target struct{ TargetID, SessionID string }
	b.get(&target, b.call("Target.createTarget", map[string]any{"url": "about:blank"}))
	b.get(&target, b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}))
	b.session = target.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil)
	}
	return b
}

func (b *tab) get(value any, raw json.RawMessage) {
	b.t.Helper()
	if err := json.Unmarshal(raw, value); err != nil {
		b.t.Fatalf("%v: %s", err, raw)
	}
}

// call calls a method and returns its result.
func (b *tab) call(method string, params any) json.RawMessage {
	b.t.Helper()
	b.calls++
	call := map[string]any{"id": b.calls, "method": method}
	if params != nil {
		call["params"] = params
	}
	if b.session != "" && !strings.HasPrefix(method, "Browser.") {
		call["sessionId"] = b.session
	}
	raw, err := json.Marshal(call)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(raw, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		m := b.next()
		if m.ID != b.calls {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		return m.Result
	}
}

// next reads a message, and notes what a good page does not do.
func (b *tab) next() (m message) {
	b.t.Helper()
	b.out.SetReadDeadline(time.Now().Add(2 * time.Minute))
	raw, err := b.replies.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("chromium does not answer: %v", err)
	}
	b.get(&m, raw[:len(raw)-1])
	switch m.Method {
	case "Page.loadEventFired":
		b.loaded = true
	case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
		b.trouble = append(b.trouble, m.Method+" "+string(m.Params))
	case "Network.requestWillBeSent":
		var sent struct{ Request struct{ URL string } }
		b.get(&sent, m.Params)
		if u := sent.Request.URL; !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") {
			b.trouble = append(b.trouble, "asks for "+u)
		}
	}
	return m
}

// visit opens the page as a file.
func (b *tab) visit(html string) {
	b.t.Helper()
	b.trouble = nil
	file := filepath.Join(b.t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(html), 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.loaded = false
	b.call("Page.navigate", map[string]any{"url": "file://" + file})
	for !b.loaded {
		b.next()
	}
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": false}) // for the test's own
	b.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
}

// eval evaluates an expression and returns its value as JSON.
func (b *tab) eval(expression string) string {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.get(&r, b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}))
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails)
	}
	return string(r.Result.Value)
}

// text is eval of an expression that is a string.
func (b *tab) text(expression string) (s string) {
	b.t.Helper()
	b.get(&s, json.RawMessage(b.eval(expression)))
	return s
}

// look is how somebody looks at the page.
type look struct {
	name          string
	width, height int
	scale         float64
	scheme, media string
	noScript      bool
}

func (b *tab) emulate(l look) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": l.width, "height": l.height, "deviceScaleFactor": l.scale, "mobile": l.width < 500})
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": l.media, "features": []any{map[string]any{"name": "prefers-color-scheme", "value": l.scheme}}})
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": l.noScript})
}

// mouse moves the mouse to a place in the window.
func (b *tab) mouse(x, y float64) {
	b.t.Helper()
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": x, "y": y})
}

// picture saves a picture of the whole page where SOCKLEAK_PICTURES says, so
// that somebody can look at it.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("SOCKLEAK_PICTURES")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	b.get(&shot, b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true, "format": "png"}))
	raw, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("trend-%s.png", name)), raw, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
