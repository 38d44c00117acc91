package memory

import (
	"io"
	"slices"
)

const pageSize = 4096

// Cache reads by whole pages and keeps them, so that many small reads of
// places near each other are one. What it returns is as old as the first read
// of the page: whoever needs to know whether it still is so asks the reader
// below.
type Cache struct {
	below io.ReaderAt
	pages map[int64][]byte // nil where the page cannot be read
	most  int
	spare [][]byte // pages that are not in use
}

// NewCache returns a cache that keeps at most so many pages of 4 KiB; it
// forgets them all when there are more.
func NewCache(below io.ReaderAt, most int) *Cache {
	return &Cache{below: below, pages: map[int64][]byte{}, most: most}
}

// Renew forgets all pages, and reads from another reader from now on.
func (c *Cache) Renew(below io.ReaderAt) {
	c.below = below
	c.forget()
}

// forget keeps the memory of the pages for others.
func (c *Cache) forget() {
	for _, page := range c.pages {
		if cap(page) == pageSize {
			c.spare = append(c.spare, page)
		}
	}
	clear(c.pages)
}

// Load reads ahead what lies at many addresses, size bytes at each, where the
// reader below can read many places at once. What cannot be read so is left for
// ReadAt.
func (c *Cache) Load(addrs []uint64, size uint64) {
	many, ok := c.below.(interface {
		ReadMany(bufs [][]byte, addrs []uint64) []bool
	})
	if !ok {
		return
	}
	var wanted []uint64
	for _, addr := range addrs {
		for n := addr / pageSize; addr+size < 1<<63 && n <= (addr+size-1)/pageSize; n++ {
			if _, have := c.pages[int64(n)]; !have {
				wanted = append(wanted, n*pageSize)
			}
		}
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	wanted = wanted[:min(len(wanted), max(0, c.most-len(c.pages)))]
	bufs := make([][]byte, len(wanted))
	for i := range bufs {
		bufs[i] = c.fresh()
	}
	for i, read := range many.ReadMany(bufs, wanted) {
		if read {
			c.pages[int64(wanted[i]/pageSize)] = bufs[i]
		} else {
			c.spare = append(c.spare, bufs[i])
		}
	}
}

// ReadAt reads at an address; all or it fails.
func (c *Cache) ReadAt(buf []byte, addr int64) (int, error) {
	n := 0
	for n < len(buf) {
		at := addr + int64(n)
		if addr < 0 || at < 0 {
			return n, io.ErrUnexpectedEOF
		}
		page, offset := c.page(at/pageSize), int(at%pageSize)
		if offset >= len(page) {
			return n, io.ErrUnexpectedEOF
		}
		n += copy(buf[n:], page[offset:])
	}
	return n, nil
}

// fresh returns a page to read into.
func (c *Cache) fresh() []byte {
	const most = 16 // at once
	if len(c.spare) == 0 {
		text := make([]byte, most*pageSize)
		for ; len(text) > 0; text = text[pageSize:] {
			c.spare = append(c.spare, text[:pageSize:pageSize])
		}
	}
	page := c.spare[len(c.spare)-1][:pageSize]
	c.spare = c.spare[:len(c.spare)-1]
	return page
}

func (c *Cache) page(number int64) []byte {
	if page, ok := c.pages[number]; ok {
		return page
	}
	if len(c.pages) >= c.most {
		c.forget()
	}
	page := c.fresh()
	n, err := c.below.ReadAt(page, number*pageSize)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		n = 0
	}
	c.pages[number] = page[:n] // the last page of a file is short
	return page[:n]
}
