package live

import "slices"

// series is how many there are of each kind, sample by sample. All have the
// same length: kinds that come later begin with zeros.
//
// What add has once appended is never written again, so that slices that were
// handed out stay as they are.
type series[K comparable] struct {
	most   int // values that are kept
	points map[K][]int
	filled int
}

func newSeries[K comparable](most int) series[K] {
	return series[K]{most: most, points: map[K][]int{}}
}

// add appends a sample. Kinds that were zero all the time are forgotten.
func (s *series[K]) add(now map[K]int) {
	for k := range now {
		if s.points[k] == nil {
			s.points[k] = make([]int, s.filled)
		}
	}
	s.filled = min(s.filled+1, s.most)
	for k, list := range s.points {
		list = append(list, now[k])
		list = list[max(0, len(list)-s.most):]
		if !slices.ContainsFunc(list, func(n int) bool { return n != 0 }) {
			delete(s.points, k)
			continue
		}
		s.points[k] = list
	}
}

// rise is by how much the last value is above the first that is not zero.
func rise(points []int) int {
	for _, n := range points {
		if n != 0 {
			return points[len(points)-1] - n
		}
	}
	return 0
}
