// Package words spells what people read: text of other processes made safe,
// durations, numbers with their noun, and lines that fit.
package words
