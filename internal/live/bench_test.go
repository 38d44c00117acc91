package live

import "testing"

// BenchmarkFilter is a key of a filter over 20,000 sockets.
func BenchmarkFilter(b *testing.B) {
	m := shown(film("api", [2]int{0, 20_000}), Style{}, 120, 40, "G", "enter", "/")
	for b.Loop() {
		m, _ = m.Update(Key("1"))
		m, _ = m.Update(Key("backspace"))
	}
}

// BenchmarkSample is a sample of 20,000 sockets, taken in and drawn.
func BenchmarkSample(b *testing.B) {
	s := film("api", [2]int{0, 20_000})
	m := shown(s, Style{}, 120, 40, "G", "enter")
	for b.Loop() {
		m, _ = m.Update(s)
		_ = m.View()
	}
}
