package trend

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// chart is a line chart as SVG coordinates.
type chart struct {
	Width, Height int
	Left, Bottom  int // where the axes are
	Lines         []line
	YTicks        []tick
	XTicks        []tick
}

// line is one series. Class selects its colour and dashes in page.css.
type line struct {
	Name  string
	Class string
	Path  string // the d attribute of an SVG path
	Now   int
	Max   int
}

// tick is a mark on an axis.
type tick struct {
	At    int
	Label string
}

const (
	chartWidth  = 720
	chartHeight = 200
	marginLeft  = 60
	marginRight = 12
	marginTop   = 10
	marginFoot  = 30
)

// strokes are the classes of page.css, each with its own colour and dashes.
var strokes = [...]string{"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"}

func newChart(t *Trend, list []*Series) *chart {
	c := &chart{Width: chartWidth, Height: chartHeight, Left: marginLeft, Bottom: chartHeight - marginFoot}
	top := 1
	for _, s := range list {
		top = max(top, s.Max)
	}
	top = roundUp(top)
	gap := longGap(t.Times)
	for i, s := range list {
		c.Lines = append(c.Lines, line{s.Name, strokes[i], c.path(t, s.Points(), top, gap), s.Now, s.Max})
	}
	for _, n := range []int{0, top / 2, top} {
		if label := short(n); len(c.YTicks) == 0 || c.YTicks[len(c.YTicks)-1].Label != label {
			c.YTicks = append(c.YTicks, tick{c.y(n, top), label})
		}
	}
	c.XTicks = xTicks(t)
	return c
}

// path draws the points. It is broken where reports are missing for long.
func (c *chart) path(t *Trend, points []int, top int, gap time.Duration) string {
	var b strings.Builder
	alone := true // the point before the next one has no line to it
	for i, n := range points {
		x, y := strconv.Itoa(x(t, t.Times[i])), strconv.Itoa(c.y(n, top))
		if i > 0 && t.Times[i].Sub(t.Times[i-1]) <= gap {
			b.WriteString("L" + x + " " + y)
			alone = false
			continue
		}
		if i > 0 && alone {
			b.WriteString("h1") // a point alone shows as a dot
		}
		b.WriteString("M" + x + " " + y)
		alone = true
	}
	if alone {
		b.WriteString("h1")
	}
	return b.String()
}

func (c *chart) y(n, top int) int {
	return c.Bottom - n*(c.Bottom-marginTop)/top
}

// x places a time. With a single report everything is at the left.
func x(t *Trend, at time.Time) int {
	span := t.To.Sub(t.From)
	if span <= 0 {
		return marginLeft
	}
	share := float64(at.Sub(t.From)) / float64(span)
	return marginLeft + int(max(0, min(1, share))*(chartWidth-marginLeft-marginRight))
}

// longGap is three times the usual time between two points.
func longGap(times []time.Time) time.Duration {
	var steps []time.Duration
	for i := 1; i < len(times); i++ {
		steps = append(steps, times[i].Sub(times[i-1]))
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return 3 * steps[len(steps)/2]
}

// roundUp returns the next number of the form 1, 2 or 5 times a power of ten.
func roundUp(n int) int {
	for power := 1; ; power *= 10 {
		for _, m := range [...]int{1, 2, 5} {
			if m*power >= n {
				return m * power
			}
		}
	}
}

// short prints a round number with at most four characters.
func short(n int) string {
	switch {
	case n >= 1e9:
		return strconv.Itoa(n/1e9) + "G"
	case n >= 1e6:
		return strconv.Itoa(n/1e6) + "M"
	case n >= 1e4:
		return strconv.Itoa(n/1e3) + "k"
	}
	return strconv.Itoa(n)
}

// xTicks marks the beginning, the middle and the end of the time.
func xTicks(t *Trend) []tick {
	span := t.To.Sub(t.From)
	layout := "2006-01-02"
	if span < 48*time.Hour {
		layout = "01-02 15:04"
	}
	ticks := []tick{{marginLeft, t.From.Format(layout)}}
	if span <= 0 {
		return ticks
	}
	for _, at := range []time.Time{t.From.Add(span / 2), t.To} {
		ticks = append(ticks, tick{x(t, at), at.Format(layout)})
	}
	return ticks
}
