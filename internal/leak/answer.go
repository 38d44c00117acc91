package leak

// Answer is what is known of a question. Not known is the zero value: it
// neither convicts nor acquits, and is said as it is.
type Answer uint8

// The answers.
const (
	Unknown Answer = iota
	No
	Yes
)

// AnswerOf returns Yes or No for what is known.
func AnswerOf(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// Not returns the answer to the opposite question.
func (a Answer) Not() Answer {
	switch a {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Unknown
}
