// Package schema publishes the JSON Schema of sockleak's reports, so that
// whoever reads reports can check them and generate code from it.
package schema

import _ "embed"

//go:embed sockleak-report-1.1.json
var report string

// Report returns the JSON Schema (draft 2020-12) of the document that
// -o json writes. It is generated from the types in internal/report; unknown
// properties are allowed, because later minor versions add some.
func Report() string { return report }
