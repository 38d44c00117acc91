package sockleaktest

// The functions of net/http whose presence tells what a client's connection
// waits for.
const (
	readLoop  = "net/http.(*persistConn).readLoop"
	serveConn = "net/http.(*conn).serve"
)

// advice says what to close. It depends on the side that the socket is, and on
// what the goroutines do.
func advice(s Socket, u use, p program) string {
	switch s.State {
	case listen:
		return "close the listener; net/http and httptest: server.Close()"
	case closeWait:
		return afterPeer(s)
	case finWait1, finWait2:
		return "CloseWrite ends one direction only: call Close as well"
	case synSent:
		return "the dial has not ended: bound it with a context or a timeout, and close what it returns"
	case closed:
		if s.Network == "tcp" {
			return "never connected, or reset by the peer: close it too, also after Dial or Read returned an error"
		}
	case established:
		switch s.Role {
		case Opened:
			return clientAdvice(s, u, p)
		case Accepted:
			return serverAdvice(u)
		}
	}
	return "close it"
}

// afterPeer is for a socket whose peer has closed. It cannot be an idle
// connection of net/http: that one reads the EOF and closes itself.
func afterPeer(s Socket) string {
	switch s.Role {
	case Opened:
		return "the server has closed, this end has not: resp.Body.Close() (net/http), else conn.Close()"
	case Accepted:
		return "the client has closed, this end has not: conn.Close() when Read returns io.EOF"
	}
	return "the peer has closed, this end has not: close it when Read returns io.EOF"
}

func clientAdvice(s Socket, u use, p program) string {
	if s.Network != "tcp" {
		return "conn.Close()"
	}
	for _, g := range u.waiting {
		if g.in(readLoop) {
			return "a connection of an http.Client that is idle or waits for a response: client.CloseIdleConnections(), and end open requests"
		}
	}
	switch {
	case len(u.waiting) > 0:
		return "conn.Close(), which also ends that goroutine"
	case !u.known:
		return "conn.Close(); net/http: resp.Body.Close(), then client.CloseIdleConnections()"
	case p.count(readLoop, "select") > 0:
		return "resp.Body.Close(): net/http waits for the end of a response's body; for other connections conn.Close()"
	}
	return "conn.Close()"
}

func serverAdvice(u use) string {
	for _, g := range u.waiting {
		if g.in(serveConn) {
			return "server.Close() (net/http, httptest); an idle client keeps it open"
		}
	}
	return "conn.Close()"
}
