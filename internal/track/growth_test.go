package track

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// everySecond has one point a second.
func everySecond(n int, count func(i int) int) []Point {
	var list []Point
	for i := range n {
		list = append(list, Point{dawn.Add(time.Duration(i) * time.Second), count(i)})
	}
	return list
}

func TestGrowthOf(t *testing.T) {
	churn := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name   string
		points []Point
		want   bool
	}{
		{"steady", everySecond(60, func(i int) int { return i }), true},
		{"from zero, one every 5 s", everySecond(60, func(i int) int { return i / 5 }), true},
		{"a slow drip under heavy churn", everySecond(300, func(i int) int { return i/10 + churn.IntN(200) }), true},
		{"a drip beside a sawtooth", everySecond(120, func(i int) int { return i/5 + i%20 }), true},
		{"ever faster", everySecond(40, func(i int) int { return i * i }), true},
		{"constant", everySecond(60, func(int) int { return 40 }), false},
		{"empty", everySecond(60, func(int) int { return 0 }), false},
		{"churn alone", everySecond(300, func(int) int { return churn.IntN(200) }), false},
		{"a sawtooth", everySecond(120, func(i int) int { return i % 20 }), false},
		{"a plateau after a warm-up", everySecond(60, func(i int) int { return min(i, 20) }), false},
		{"a plateau after a long warm-up", everySecond(60, func(i int) int { return min(i, 38) }), false},
		{"a step: a second pool", everySecond(60, func(i int) int { return 10 * (i / 30) }), false},
		{"a burst", everySecond(60, func(i int) int { return 10 + 500*(i/25%2) }), false},
		{"a burst at the end", everySecond(60, func(i int) int { return 10 + 500*(i/55) }), false},
		{"it falls", everySecond(60, func(i int) int { return 60 - i }), false},
		{"it rises and falls again", everySecond(60, func(i int) int { return 30 - max(i-30, 30-i) }), false},
		{"by one in all", everySecond(60, func(i int) int { return 5 + i/30 }), false},
		{"too few looks", everySecond(7, func(i int) int { return i }), false},
		{"just enough looks", everySecond(8, func(i int) int { return i }), true},
		{"no look in the middle of the time", pause(everySecond(60, func(i int) int { return i })), false},
		{"all at the same time", make([]Point, 20), false},
		{"backwards", backwards(everySecond(60, func(i int) int { return i })), false},
		{"nothing", nil, false},
	} {
		if got := GrowthOf(c.points); got.Growing != c.want {
			t.Errorf("%s: growing %v: %+v", c.name, got.Growing, got)
		}
	}
}

// pause leaves two quarters without a look: nothing is known of them.
func pause(list []Point) []Point { return append(list[:15:15], list[45:]...) }

func backwards(list []Point) []Point {
	for i := range list {
		list[i].At = dawn.Add(-time.Duration(i%7) * time.Hour)
	}
	return list
}

func TestGrowthRate(t *testing.T) {
	steady := GrowthOf(everySecond(60, func(i int) int { return 3 * i }))
	if math.Abs(steady.Rate-3) > 0.01 || steady.Low > steady.Rate || steady.High < steady.Rate {
		t.Errorf("three a second: %+v", steady)
	}
	if steady.From != 0 || steady.To != 3*45 {
		t.Errorf("the smallest of the first and the last quarter: from %d to %d", steady.From, steady.To)
	}
	outliers := GrowthOf(everySecond(60, func(i int) int {
		if i%7 == 3 {
			return 3*i + 10_000
		}
		return 3 * i
	}))
	if math.Abs(outliers.Rate-3) > 0.5 {
		t.Errorf("three a second, with bursts: %+v", outliers)
	}
	if long := GrowthOf(everySecond(maxPoints, func(i int) int { return i })); math.Abs(long.Rate-1) > 0.01 {
		t.Errorf("many points: %+v", long)
	}
}

func FuzzGrowthOf(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, int64(time.Second))
	f.Add([]byte{9, 9, 9, 9, 9, 9, 9, 9}, int64(0))
	f.Add([]byte{1, 0, 255, 0, 1, 7, 8, 200, 3}, int64(-1<<62))
	f.Fuzz(func(t *testing.T, counts []byte, step int64) {
		var list []Point
		for i, n := range counts[:min(len(counts), maxPoints)] {
			list = append(list, Point{dawn.Add(time.Duration(int64(i) * step)), int(n)})
		}
		g := GrowthOf(list)
		if g.Growing && (g.To-g.From < 2 || len(list) < minGrowthPoints) {
			t.Errorf("growing without a rise: %+v", g)
		}
		if math.IsNaN(g.Rate) || g.Low > g.Rate || g.Rate > g.High {
			t.Errorf("the rate is not between its quartiles: %+v", g)
		}
	})
}
