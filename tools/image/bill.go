package main

import (
	"bytes"
	"debug/buildinfo"
	"io"
	"runtime/debug"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// bill returns the bill of materials of a Go program, as CycloneDX: the modules
// that its build information names, with their checksums.
func (r release) bill(program io.ReaderAt) ([]byte, error) {
	info, err := buildinfo.Read(program)
	if err != nil {
		return nil, err
	}
	components := []cdx.Component{{Type: cdx.ComponentTypeLibrary, Name: "std", Version: info.GoVersion, PackageURL: "pkg:golang/std@" + info.GoVersion}}
	for _, m := range info.Deps {
		components = append(components, component(m))
	}
	bom := cdx.NewBOM()
	bom.SerialNumber = "" // a random one would make each build another
	bom.Metadata = &cdx.Metadata{
		Timestamp: r.created.Format("2006-01-02T15:04:05Z07:00"),
		Component: &cdx.Component{Type: cdx.ComponentTypeApplication, Name: "sockleak", Version: r.version,
			PackageURL: "pkg:golang/" + info.Main.Path + "@" + r.version},
	}
	bom.Components = &components
	var b bytes.Buffer
	err = cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
	return b.Bytes(), err
}

func component(m *debug.Module) cdx.Component {
	if m.Replace != nil {
		m = m.Replace
	}
	return cdx.Component{Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version,
		PackageURL: "pkg:golang/" + m.Path + "@" + m.Version,
		Properties: &[]cdx.Property{{Name: "go.sum", Value: m.Sum}}}
}
