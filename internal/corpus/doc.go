// Package corpus runs the labelled programs of testdata/programs: small real
// programs, leaking and healthy, against which the rules are judged.
//
// Each program is played by testdata/programs/stage.py in a network namespace
// of its own, next to the peer.py of its directory, which is everything else:
// its clients, its server, and the witness that the labelled state is reached.
// To add a program, add its file to the directory of its kind;
// a new kind is a directory with a peer.py and one line in Kinds.
package corpus
