package trend

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// chart is a line chart, or stacked areas. The JSON is for page.js, the rest
// for the picture that stands in its place on paper and without JavaScript.
type chart struct {
	Axis    int    `json:"axis"` // which of the page's
	Unit    string `json:"unit"` // what is counted, in the plural
	Stacked bool   `json:"stacked"`
	Limit   int    `json:"limit"` // a line at this height; 0 for none
	Lines   []line `json:"lines"`

	ID                                   int    `json:"-"` // its place in the page's list
	Width, Height, Left, Bottom, LimitAt int    `json:"-"`
	YTicks, XTicks                       []tick `json:"-"`
}

// line is one series.
type line struct {
	Name   string `json:"name"`
	Class  string `json:"-"` // of page.css, which has its colour
	Path   string `json:"-"` // the d attribute of an SVG path
	Area   string `json:"-"`
	Now    int    `json:"-"`
	Max    int    `json:"-"`
	Counts []int  `json:"counts"`
}

// tick is a mark on an axis.
type tick struct {
	At    int
	Label string
}

const (
	chartWidth  = 720
	chartHeight = 200
	marginLeft  = 48
	marginRight = 12
	marginTop   = 14
	marginFoot  = 28
)

// draw makes the SVG paths and ticks of the lines.
func (c *chart) draw(t *Trend, a *axis) {
	c.Width, c.Height, c.Left, c.Bottom = chartWidth, chartHeight, marginLeft, chartHeight-marginFoot
	floors := make([]int, len(a.seconds))
	tops := make([][]int, len(c.Lines))
	top := c.Limit
	for i := range c.Lines {
		tops[i] = c.Lines[i].Counts
		if c.Stacked {
			tops[i] = above(floors, c.Lines[i].Counts)
			floors = tops[i]
		}
		top = max(top, slices.Max(tops[i]))
	}
	step := niceStep(top)
	top = max(1, (top+step-1)/step) * step
	p := &plane{axis: a, from: t.From.Unix(), to: t.To.Unix(), top: top, bottom: c.Bottom}
	floors = make([]int, len(a.seconds))
	for i := range c.Lines {
		c.Lines[i].Path, c.Lines[i].Area = p.paths(tops[i], floors)
		if c.Stacked {
			floors = tops[i]
		}
	}
	for n := 0; n <= top; n += step {
		c.YTicks = append(c.YTicks, tick{p.y(n), short(n)})
	}
	if c.Limit > 0 {
		c.LimitAt = p.y(c.Limit)
	}
	c.XTicks = xTicks(t, p)
}

// above adds the counts to the floors; a hole stays one.
func above(floors, counts []int) []int {
	sum := make([]int, len(counts))
	for i, n := range counts {
		sum[i] = n
		if n != hole {
			sum[i] += max(0, floors[i])
		}
	}
	return sum
}

// plane maps times and counts to coordinates.
type plane struct {
	*axis
	from, to    int64
	top, bottom int
}

func (p *plane) y(n int) int { return p.bottom - n*(p.bottom-marginTop)/p.top }

// x places a time. With a single report everything is at the left.
func (p *plane) x(at int64) int {
	if p.to <= p.from {
		return marginLeft
	}
	share := float64(at-p.from) / float64(p.to-p.from)
	return marginLeft + int(max(0, min(1, share))*(chartWidth-marginLeft-marginRight))
}

// paths draws the counts as a line, and the area between them and the floors.
// Both are broken at holes; a point alone shows as a dot.
func (p *plane) paths(counts, floors []int) (linePath, area string) {
	var l, ar strings.Builder
	for i := 0; i < len(counts); i++ {
		if counts[i] == hole {
			continue
		}
		end := i
		for end < len(counts) && counts[end] != hole {
			end++
		}
		l.WriteString(p.stroke("M", counts, i, end))
		if end == i+1 {
			l.WriteString("h1")
		}
		ar.WriteString(p.stroke("M", counts, i, end))
		for j := end - 1; j >= i; j-- {
			ar.WriteString("L" + p.point(j, floors[j]))
		}
		ar.WriteString("Z")
		i = end
	}
	return l.String(), ar.String()
}

// stroke draws the points from i up to end.
func (p *plane) stroke(command string, counts []int, i, end int) string {
	var b strings.Builder
	for ; i < end; i++ {
		b.WriteString(command + p.point(i, counts[i]))
		command = "L"
	}
	return b.String()
}

func (p *plane) point(i, n int) string {
	return strconv.Itoa(p.x(p.seconds[i])) + " " + strconv.Itoa(p.y(max(0, n)))
}

// niceStep returns the distance of about four marks up to top: 1, 2 or 5 times
// a power of ten.
func niceStep(top int) int {
	for power := 1; ; power *= 10 {
		for _, m := range [...]int{1, 2, 5} {
			if m*power*4 >= top {
				return m * power
			}
		}
	}
}

// short prints a round number in few characters.
func short(n int) string {
	switch {
	case n >= 1e9:
		return strconv.FormatFloat(float64(n)/1e9, 'f', -1, 64) + "G"
	case n >= 1e6:
		return strconv.FormatFloat(float64(n)/1e6, 'f', -1, 64) + "M"
	case n >= 1e4:
		return strconv.Itoa(n/1e3) + "k"
	}
	return strconv.Itoa(n)
}

// xTicks marks the beginning, the middle and the end of the time.
func xTicks(t *Trend, p *plane) []tick {
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
		ticks = append(ticks, tick{p.x(at.Unix()), at.Format(layout)})
	}
	return ticks
}
