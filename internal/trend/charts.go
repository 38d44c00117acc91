package trend

import (
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
)

// class is that of the finding's level in page.css.
func (s *Series) class() string {
	if level, ok := leak.ParseLevel(s.Level); ok {
		return level.String()
	}
	return strokes[0]
}

// chart draws one series.
func (p *page) chart(unit, class string, s *Series) *chart {
	c := &chart{Unit: unit, Lines: []line{{Name: s.Name, Class: class, Now: s.Now, Max: s.Max}}}
	if s.Limit > 0 && s.Limit <= 4*s.Max { // further away it would flatten the line
		c.Limit = s.Limit
	}
	a := p.axis(c, s.Target)
	c.Lines[0].Counts = a.counts(s)
	p.put(c, a)
	return c
}

// strokes are the classes of page.css for lines that have no level.
var strokes = [...]string{"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"}

// states draws the TCP states of a target; the rarest are one area.
func (p *page) states(target *Target) *chart {
	c := &chart{Unit: "sockets", Stacked: true}
	a := p.axis(c, target)
	for _, s := range p.States {
		if s.Target != target {
			continue
		}
		counts := a.counts(s)
		if last := len(c.Lines) - 1; len(c.Lines) == len(strokes) {
			rest := &c.Lines[last]
			rest.Name, rest.Counts, rest.Now = "others", above(rest.Counts, counts), rest.Now+s.Now
			rest.Max = slices.Max(rest.Counts)
			continue
		}
		c.Lines = append(c.Lines, line{Name: s.Name, Class: strokes[len(c.Lines)], Now: s.Now, Max: s.Max, Counts: counts})
	}
	if len(c.Lines) == 0 {
		return nil
	}
	p.put(c, a)
	return c
}

// axis returns that of the target, which all its charts share.
func (p *page) axis(c *chart, target *Target) *axis {
	a := newAxis(p.Trend, target)
	i, ok := p.axes[target]
	if !ok {
		i = len(p.Data.Axes)
		p.axes[target] = i
		p.Data.Axes = append(p.Data.Axes, a.seconds)
	}
	c.Axis = i
	return a
}

func (p *page) put(c *chart, a *axis) {
	c.ID = len(p.Data.Charts)
	c.draw(p.Trend, a)
	p.Data.Charts = append(p.Data.Charts, c)
}
