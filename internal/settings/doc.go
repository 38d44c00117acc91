// Package settings reads the settings file of a project, .sockleak.yaml: the
// thresholds of the rules, and the findings that somebody has decided to live
// with, each with a reason and for a time.
//
// Reading is strict. A key that is not known, or an entry without a reason,
// would otherwise be a setting that silently does nothing.
package settings
