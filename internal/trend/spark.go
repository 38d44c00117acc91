package trend

// sparks are the block elements of Unicode, in rising height.
const sparks = "▁▂▃▄▅▆▇█"

// Spark draws counts as at most width block characters. Several counts that
// share a character show as their largest; zero is a blank.
func Spark(points []int, width int) string {
	width = min(width, len(points))
	if width <= 0 {
		return ""
	}
	heights := []rune(sparks)
	top := 1
	cells := make([]int, width)
	for i, p := range points {
		c := i * width / len(points)
		cells[c] = max(cells[c], p)
		top = max(top, p)
	}
	line := make([]rune, width)
	for i, n := range cells {
		line[i] = ' '
		if n > 0 {
			line[i] = heights[min((n*len(heights)-1)/top, len(heights)-1)]
		}
	}
	return string(line)
}
