package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/settings"
)

// durationVar adds the flag of a duration: the one kind that there is in the
// command line, so that what one flag takes all others take.
func durationVar(cmd *cobra.Command, to *time.Duration, name string, byDefault time.Duration, text string) {
	*to = byDefault
	cmd.Flags().Var((*duration)(to), name, text)
	if byDefault == 0 {
		cmd.Flags().Lookup(name).DefValue = "0" // which help leaves out
	}
}

// duration is the value of a flag.
type duration time.Duration

// String returns the duration as it can be given, without units that are zero.
func (d *duration) String() string {
	text := time.Duration(*d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Type names the value in help texts.
func (d *duration) Type() string { return "duration" }

// Set parses a duration such as 90s, 12h, 30d or 2w.
func (d *duration) Set(text string) error {
	v, err := settings.ParseDuration(text)
	if err == nil {
		*d = duration(v)
	}
	return err
}

// size is a flag of a number of bytes.
type size int64

// String returns the size as it can be given, in the largest unit that fits.
func (s *size) String() string {
	n, unit := int64(*s), ""
	for _, larger := range []string{"K", "M", "G", "T"} {
		if n == 0 || n%1024 != 0 {
			break
		}
		n, unit = n/1024, larger
	}
	return strconv.FormatInt(n, 10) + unit
}

// Type names the value in help texts.
func (s *size) Type() string { return "size" }

// Set parses a size such as 500000, 500K, 500M or 2G, in powers of 1024.
func (s *size) Set(text string) error {
	number, shift := text, 0
	for i, unit := range []string{"K", "M", "G", "T"} {
		if n, ok := strings.CutSuffix(strings.ToUpper(text), unit); ok {
			number, shift = n, 10*(i+1)
		}
	}
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || n > 1<<62>>shift {
		return fmt.Errorf("not a size; write it as 500K, 500M or 2G")
	}
	*s = size(n << shift)
	return nil
}

// count is a flag of how many to show: a number, or all, which is -1.
type count int

// String returns the count as it can be given; "" without one.
func (c *count) String() string {
	switch {
	case *c == 0:
		return ""
	case *c < 0:
		return "all"
	}
	return strconv.Itoa(int(*c))
}

// Type names the value in help texts.
func (c *count) Type() string { return "number" }

// Set parses a count.
func (c *count) Set(text string) error {
	if text == "all" {
		*c = -1
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return fmt.Errorf("not a number above zero; all shows all")
	}
	*c = count(n)
	return nil
}

// ports is a flag of port numbers, repeatable.
type ports []uint16

// String lists the ports.
func (p *ports) String() string {
	var parts []string
	for _, port := range *p {
		parts = append(parts, strconv.Itoa(int(port)))
	}
	return strings.Join(parts, ",")
}

// Type names the value in help texts.
func (p *ports) Type() string { return "port" }

// Set adds a port.
func (p *ports) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("not a port; a port is a number from 1 to 65535")
	}
	*p = append(*p, uint16(n))
	return nil
}
