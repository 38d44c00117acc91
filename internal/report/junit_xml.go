package report

import "encoding/xml"

// The elements of JUnit XML that sockleak writes, in the order in which the
// schema wants them.
type junitSuites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []junitSuite
}

type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Hostname   string          `xml:"hostname,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	XMLName   xml.Name    `xml:"testcase"`
	Class     string      `xml:"classname,attr"`
	Name      string      `xml:"name,attr"`
	Skipped   *junitText  `xml:"skipped"`
	Failure   *junitText  `xml:"failure"`
	SystemOut *junitPlain `xml:"system-out"`
}

type junitText struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Body    string `xml:",cdata"` // CDATA keeps the lines readable; Clean has removed what XML forbids
}

type junitPlain struct {
	Body string `xml:",cdata"`
}
