package track

import (
	"math"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Track is what is remembered of one socket across looks.
type Track struct {
	First      time.Time // when it was first seen
	StateSince time.Time // when it was first seen in its present state, without a break
	Moved      time.Time // when it last showed progress; zero when it never did
	Looks      int       // looks that saw it
	RecvQMin   uint32    // smallest RecvQ seen since data last arrived or was read
	// Uses counts the times that data began to move after a look at which it
	// had not: how often a connection was taken up again.
	Uses int
	// PeerGoneSince is when a UNIX socket was first seen without its peer;
	// zero while it has one.
	PeerGoneSince time.Time

	state    socket.State
	received uint64
	acked    uint64
	recvQ    uint32
	sendQ    uint32
	last     int    // number of the look that saw it last
	moving   bool   // data had moved at the last look
	unread   uint32 // for how many milliseconds data lies unread
	readOn   uint32 // for how many it had, at most, when the program read on

	population  Population
	holder      socket.ProcessID
	firstHolder socket.ProcessID // the first holder
	others      []socket.ProcessID
	idle        time.Duration // as Idle, at the last look
	age         time.Duration // as Age().AtLeast, at the last look
}

// Track returns what is remembered of a socket of the newest snapshot, or
// nil after only one look.
func (h *History) Track(s *socket.Socket) *Track {
	if len(h.tracks) == 0 {
		return nil
	}
	return h.tracks[s.ID()]
}

// NewSince reports whether the socket was first seen after t.
func (k *Track) NewSince(t time.Time) bool { return k != nil && k.First.After(t) }

// followSocket updates the socket's track and reports whether it is new.
func (h *History) followSocket(s *socket.Socket, at time.Time) (k *Track, isNew bool) {
	id := s.ID()
	k = h.tracks[id]
	if k == nil {
		k = &Track{First: at, StateSince: at, RecvQMin: s.RecvQ, moving: true}
		h.tracks[id] = k
		k.notePeer(s, at)
		k.keep(s, h.seq)
		return k, true
	}
	if s.State != k.state {
		k.StateSince = at
		k.Moved = at
	}
	moved, used := k.progress(s), k.used(s)
	if moved {
		k.Moved = at
		k.RecvQMin = s.RecvQ
	}
	if used && !k.moving {
		k.Uses++
	}
	k.moving = used
	k.noteReading(s, at.Sub(h.looks[len(h.looks)-1].Taken))
	k.notePeer(s, at)
	k.keep(s, h.seq)
	return k, false
}

// ReadAfter is for how long at most data was seen to lie unread before the
// program read on; 0 where it always read at once, or never did.
func (k *Track) ReadAfter() time.Duration {
	if k == nil {
		return 0
	}
	return time.Duration(k.readOn) * time.Millisecond
}

// noteReading notes for how long data lies unread; passed is the time since the
// last look.
func (k *Track) noteReading(s *socket.Socket, passed time.Duration) {
	if !s.Has(socket.HasQueues | socket.HasTCPInfo) {
		return
	}
	read := int64(s.TCP.BytesReceived) - int64(s.RecvQ)
	switch {
	case read > int64(k.received)-int64(k.recvQ):
		k.readOn = max(k.readOn, k.unread)
		k.unread = 0
	case s.RecvQ == 0:
		k.unread = 0
	default:
		k.unread += uint32(min(max(passed.Milliseconds(), 0), math.MaxUint32-int64(k.unread)))
	}
}

// notePeer notes since when a UNIX socket is without its peer.
func (k *Track) notePeer(s *socket.Socket, at time.Time) {
	if s.UnixInfo == nil || !s.UnixInfo.PeerGone {
		k.PeerGoneSince = time.Time{}
	} else if k.PeerGoneSince.IsZero() {
		k.PeerGoneSince = at
	}
}

// progress reports whether data moved in either direction since the last
// look: bytes arrived, bytes were acknowledged, or a queue was worked off.
func (k *Track) progress(s *socket.Socket) bool {
	if s.Has(socket.HasTCPInfo) && (s.TCP.BytesReceived != k.received || s.TCP.BytesAcked != k.acked) {
		return true
	}
	return s.Has(socket.HasQueues) && (s.RecvQ != k.recvQ && !k.endRead(s) || s.SendQ < k.sendQ)
}

// endRead reports whether nothing but the peer's FIN was read since the last
// look, one byte of the queue: to notice the end of a connection is no use of it.
func (k *Track) endRead(s *socket.Socket) bool {
	return s.State == socket.CloseWait && k.recvQ == 1 && s.RecvQ == 0
}

// heartbeat is how many bytes in either direction between two looks are no
// use: a ping of HTTP/2 (17 bytes, 39 under TLS), of WebSocket, Redis, MQTT.
const heartbeat = 64

// used reports whether more than a heartbeat has moved since the last look. That
// the peer closes is no use, nor that the program reads the end.
func (k *Track) used(s *socket.Socket) bool {
	if s.Has(socket.HasTCPInfo) {
		return s.TCP.BytesReceived > k.received+heartbeat || s.TCP.BytesAcked > k.acked+heartbeat || k.recvQ > s.RecvQ+heartbeat
	}
	return k.progress(s)
}

func (k *Track) keep(s *socket.Socket, seq int) {
	k.state, k.received, k.acked = s.State, s.TCP.BytesReceived, s.TCP.BytesAcked
	k.recvQ, k.sendQ, k.last = s.RecvQ, s.SendQ, seq
	k.RecvQMin = min(k.RecvQMin, s.RecvQ)
	k.Looks++
}

// forget drops the tracks of sockets that the newest look did not see, so
// that memory is bounded by the sockets that are open. A socket that one look
// missed starts over: that can make a leak look younger, never older.
func (h *History) forget() {
	for id, k := range h.tracks {
		if k.last != h.seq {
			h.closed(k)
			delete(h.tracks, id)
		}
	}
}
