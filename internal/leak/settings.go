package leak

import "time"

// Settings are the thresholds of the rules. Durations are compared with
// lower bounds of ages, so that a rule errs on the side of silence.
type Settings struct {
	// Grace is how long a socket may stay in a state that a program leaves at
	// once when it is healthy, such as CLOSE_WAIT with the EOF read.
	Grace time.Duration
	// Proof is how long a single socket must stay so before it is called a
	// leak, where a slow handler could be the reason as well.
	Proof time.Duration
	// Silence is how long a connection must be silent before a thread that
	// waits on it is said to wait for a dead peer.
	Silence time.Duration
	// Several is the number of sockets from which on "a few" becomes "many".
	Several int
}

// Defaults returns the thresholds that are used when nothing else is said.
func Defaults() Settings {
	return Settings{
		Grace:   5 * time.Second,
		Proof:   30 * time.Second,
		Silence: 15 * time.Minute,
		Several: 3,
	}
}

// Ripe is how long several sockets must stay so before they are called
// leaked, a fifth longer than Grace: a burst of slow closes is over by then.
func (s Settings) Ripe() time.Duration { return s.Grace * 6 / 5 }

// Patience is how long a peer that still waits, or a thread that may be at
// work, is given before the program is said to have forgotten it.
const Patience = 5 * time.Minute
