// Package packaging has no code: its tests check the files that packages
// install.
package packaging
