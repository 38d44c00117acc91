package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrNewerSchema says that a document was written by a newer sockleak, whose
// fields may mean something else. Ask for it with errors.Is.
var ErrNewerSchema = errors.New("the report was written by a newer sockleak")

// ParseDocument reads a document that this or an earlier version wrote with
// -o json. Unknown fields are allowed, as a later minor version adds some. A
// newer major version gives ErrNewerSchema; a document that is cut off,
// followed by something, or without schema_version is an error.
func ParseDocument(raw []byte) (*Document, error) {
	doc := new(Document)
	err := json.Unmarshal(raw, doc)
	// The version comes first: a newer document may well have other types.
	// Unmarshal fills in what it can before it complains of a type.
	verr := CheckVersion(doc.SchemaVersion)
	if err != nil && !errors.Is(verr, ErrNewerSchema) {
		verr = err
	}
	if verr != nil {
		return nil, fmt.Errorf("read the report: %w", verr)
	}
	return doc, nil
}

// CheckVersion tells whether a document with the given schema_version can be
// read. One of a newer major version gives ErrNewerSchema.
func CheckVersion(version string) error {
	major, err := majorOf(version)
	if err == nil && major > majorVersion() {
		return fmt.Errorf("%w: its schema_version is %s, this one reads %s", ErrNewerSchema, version, SchemaVersion)
	}
	return err
}

// majorVersion is the first number of SchemaVersion.
func majorVersion() int {
	major, _ := majorOf(SchemaVersion)
	return major
}

// majorOf returns the first number of a version such as 1.0.
func majorOf(version string) (int, error) {
	first, second, ok := strings.Cut(version, ".")
	major, err := strconv.ParseUint(first, 10, 16)
	if _, err2 := strconv.ParseUint(second, 10, 16); !ok || err != nil || err2 != nil || major == 0 {
		return 0, fmt.Errorf("%q is not a schema_version such as %s", version, SchemaVersion)
	}
	return int(major), nil
}
