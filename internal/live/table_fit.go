package live

import "slices"

// fitColumns finds out which columns there is room for, and how wide each is.
// What matters less goes first, then columns shrink, and at last more of them go.
func (t *table[T]) fitColumns(width int) {
	t.shown, t.widths = nil, make([]int, len(t.columns))
	for i := range t.columns {
		t.shown = append(t.shown, i)
		t.widths[i] = t.columns[i].width
	}
	t.drop(width, 2)
	for _, i := range t.shown {
		if over := t.taken() - width; over > 0 && t.columns[i].least > 0 {
			t.widths[i] -= min(over, t.widths[i]-t.columns[i].least)
		}
	}
	t.drop(width, 0)
	t.stretch(width)
}

// taken is how many columns of the terminal those that are shown take.
func (t *table[T]) taken() int {
	n := -1
	for _, i := range t.shown {
		n += t.widths[i] + 1
	}
	return n
}

// drop leaves columns out until the others fit, of those that are so needless.
func (t *table[T]) drop(width, extra int) {
	for t.taken() > width && len(t.shown) > 1 {
		last := 0
		for k, i := range t.shown {
			if t.columns[i].extra >= t.columns[t.shown[last]].extra {
				last = k
			}
		}
		if t.columns[t.shown[last]].extra < extra {
			return
		}
		t.shown = slices.Delete(t.shown, last, last+1)
	}
}

// stretch shares what room is left among those that can use it.
func (t *table[T]) stretch(width int) {
	var flexible []int
	for _, i := range t.shown {
		if t.columns[i].flex {
			flexible = append(flexible, i)
		}
	}
	for k, i := range flexible {
		t.widths[i] += max(width-t.taken(), 0) / (len(flexible) - k)
	}
}
