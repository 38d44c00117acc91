package memory

import "io"

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

func (c *Cache) page(number int64) []byte {
	if page, ok := c.pages[number]; ok {
		return page
	}
	if len(c.pages) >= c.most {
		c.forget()
	}
	var page []byte
	if n := len(c.spare); n > 0 {
		page, c.spare = c.spare[n-1][:pageSize], c.spare[:n-1]
	} else {
		page = make([]byte, pageSize)
	}
	n, err := c.below.ReadAt(page, number*pageSize)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		n = 0
	}
	c.pages[number] = page[:n] // the last page of a file is short
	return page[:n]
}
