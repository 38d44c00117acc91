package track

import (
	"slices"
	"time"
)

// Trend is how a series of counts develops.
type Trend struct {
	Growing bool    // it rises, and was still rising at the end
	Rate    float64 // per second, the median of the slopes between pairs of points
	Low     float64 // lower quartile of those slopes
	High    float64 // upper quartile
	From    int     // smallest count of the first quarter of the time
	To      int     // smallest count of the last quarter
}

// growthQuarters is into how many stretches of equal time a series is cut.
// Minima of stretches ignore bursts and the teeth of a sawtooth, which a
// slope through all points does not.
const growthQuarters = 4

// minGrowthPoints is the number of looks below which nothing is said.
const minGrowthPoints = 8

// GrowthOf judges a series of counts, oldest first. It is growing when the
// minima of its four quarters never fall, the third is above the first and
// the last above the second, the whole rise is at least two, most pairs of
// points rise, and the last third is no plateau: what stops after a warm-up
// or two bursts is not growth.
func GrowthOf(points []Point) Trend {
	if len(points) < minGrowthPoints {
		return Trend{}
	}
	mins, ok := quarterMinima(points)
	if !ok {
		return Trend{}
	}
	t := Trend{From: mins[0], To: mins[growthQuarters-1]}
	rising := true
	for i := 1; i < growthQuarters; i++ {
		rising = rising && mins[i] >= mins[i-1]
	}
	late := mins[3]-mins[1] > 0
	early := mins[2]-mins[0] > 0
	t.Low, t.Rate, t.High = slopes(points)
	t.Growing = rising && early && late && t.To-t.From >= 2 && t.Rate > 0 && !plateau(points)
	return t
}

// quarterMinima cuts the time into four stretches and returns the smallest
// count of each; ok is false when a stretch has no point.
func quarterMinima(points []Point) (mins [growthQuarters]int, ok bool) {
	start := points[0].At
	span := points[len(points)-1].At.Sub(start)
	if span <= 0 {
		return mins, false
	}
	var seen [growthQuarters]bool
	for _, p := range points {
		q := int(float64(p.At.Sub(start)) / float64(span) * growthQuarters)
		q = min(max(q, 0), growthQuarters-1) // times may run backwards when the clock is set
		if !seen[q] || p.Count < mins[q] {
			mins[q], seen[q] = p.Count, true
		}
	}
	for _, s := range seen {
		if !s {
			return mins, false
		}
	}
	return mins, true
}

// plateau reports whether the last third of the time brought nothing new
// although, at the pace of the time before, at least three would have come.
func plateau(points []Point) bool {
	first, last := points[0], points[len(points)-1]
	cut := last.At.Add(-last.At.Sub(first.At) / 3)
	i, _ := slices.BinarySearchFunc(points, cut, func(p Point, t time.Time) int { return p.At.Compare(t) })
	before := points[min(i, len(points)-1)]
	rise := before.Count - first.Count
	return last.Count <= before.Count && rise/2 >= 3
}

// maxSlopePoints bounds the quadratic number of pairs below.
const maxSlopePoints = 64

// slopes returns the quartiles of the slopes between all pairs of points per
// second (the Theil-Sen estimator: up to 29 % of the points may be outliers).
func slopes(points []Point) (low, mid, high float64) {
	step := (len(points) + maxSlopePoints - 1) / maxSlopePoints
	var all []float64
	for i := 0; i < len(points); i += step {
		for j := i + step; j < len(points); j += step {
			if dt := points[j].At.Sub(points[i].At).Seconds(); dt > 0 {
				all = append(all, float64(points[j].Count-points[i].Count)/dt)
			}
		}
	}
	if len(all) == 0 {
		return 0, 0, 0
	}
	slices.Sort(all)
	at := func(q float64) float64 { return all[int(q*float64(len(all)-1))] }
	return at(0.25), at(0.5), at(0.75)
}
