package track

import "time"

// Point is the size of something at one look.
type Point struct {
	At    time.Time
	Count int
}

// maxPoints bounds what is kept of a series: 4 KB.
const maxPoints = 128

// series is a size over time in at most maxPoints points. When it is full,
// two neighbours become one, with the smaller count of the two: the shape over
// hours stays, evenly spaced, and the teeth of a sawtooth never look like a
// rise. The newest point is always the newest look.
type series struct {
	points []Point
	stride int // looks that one point stands for
	filled int // looks that are in the newest point
	low    int // the smallest count of these
}

func (s *series) add(p Point) {
	n := len(s.points)
	if n > 0 && s.filled < s.stride {
		s.points[n-1] = p
		s.low = min(s.low, p.Count)
		s.filled++
		return
	}
	if n > 0 && s.stride > 1 {
		s.points[n-1].Count = s.low
	}
	if n >= maxPoints {
		s.halve()
	}
	s.points = append(s.points, p)
	s.stride, s.filled, s.low = max(s.stride, 1), 1, p.Count
}

// halve joins neighbours. The first point keeps its time: the series begins
// where it began.
func (s *series) halve() {
	half := s.points[:0]
	for i := 0; i+1 < len(s.points); i += 2 {
		a, b := s.points[i], s.points[i+1]
		if i == 0 {
			b.At = a.At
		}
		half = append(half, Point{b.At, min(a.Count, b.Count)})
	}
	s.points = half
	s.stride = 2 * max(s.stride, 1)
}
