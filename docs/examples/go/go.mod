module github.com/sockleak/sockleak/docs/examples/go

go 1.21

require github.com/sockleak/sockleak/sockleaktest v0.0.0

require golang.org/x/sys v0.30.0 // indirect

// Only here: it tests the sockleaktest of this tree.
replace github.com/sockleak/sockleak/sockleaktest => ../../../sockleaktest
