//go:build !unix

package archive

// syncsDirs: a directory cannot be synced here; renames are journaled.
const syncsDirs = false

func owner(string) string { return "" }
