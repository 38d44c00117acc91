package archive

import (
	"encoding/json"
	"io"
)

// head is what tells whose file it is.
type head struct{ tool, host string }

// headLimit: sockleak writes tool and host into the first kilobyte.
const headLimit = 64 << 10

// head reads the beginning of a regular file as that of a report, even when
// the report ends in the middle. ok is false for anything else.
func (d *Dir) head(file string) (h head, ok bool) {
	info, err := d.root.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return head{}, false
	}
	f, err := d.root.Open(file)
	if err != nil {
		return head{}, false
	}
	defer f.Close()
	return parseHead(f)
}

func parseHead(r io.Reader) (h head, ok bool) {
	dec := json.NewDecoder(io.LimitReader(r, headLimit))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return head{}, false
	}
	for h.tool == "" || h.host == "" {
		key, err := dec.Token()
		if _, isKey := key.(string); err != nil || !isKey {
			return head{}, false
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return head{}, false
		}
		var named struct {
			Name string `json:"name"`
		}
		switch key {
		case "tool":
			err = json.Unmarshal(value, &named)
			h.tool = named.Name
		case "host":
			err = json.Unmarshal(value, &named)
			h.host = named.Name
		}
		if err != nil {
			return head{}, false
		}
	}
	return h, true
}
