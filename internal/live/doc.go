// Package live is what sockleak watch shows while it looks: a Model that
// takes in one report after the other, and pure functions that turn it into
// the lines of a page, or into one line.
//
// It knows no terminal and no clock. A richer view is another function of the
// same Model.
package live
