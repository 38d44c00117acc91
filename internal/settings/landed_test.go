package settings

import (
	"strings"
	"testing"
)

// TestLandedBaselines reads what --write-baseline of versions that landed has
// written: those of today's form are read, those before it refused with their
// line. None is taken for one that accepts nothing, or something else.
func TestLandedBaselines(t *testing.T) {
	for file, refused := range map[string]string{
		"1e1117c": `:4: unknown key "findings"`,
		"d458671": ":5: version 2 is newer",
		"01fae45": "", "9968622": "",
	} {
		list, err := ReadBaseline("testdata/landed/"+file+".yaml", func(string) bool { return true })
		switch {
		case refused != "":
			if err == nil || !strings.Contains(err.Error(), refused) {
				t.Errorf("%s: %d entries, %v", file, len(list), err)
			}
		case err != nil || len(list) != 2 || list[0].Rule != "close-wait-eof-read" || list[0].Process != "python3" || list[0].Fingerprint == "" || list[0].Sockets != 6 ||
			list[1].Rule != "left-open" || list[1].Sockets != 3:
			t.Errorf("%s: %+v, %v", file, list, err)
		}
	}
}
