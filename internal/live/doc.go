// Package live is what sockleak watch shows while it looks, in three steps
// that know neither terminal nor clock:
//
//   - a [Recorder] takes in one report after the other and remembers what a
//     report does not: series, events, which states a socket has been in. Each
//     [Sample] that it returns does not change any more.
//   - [Model.Update] takes in samples, keys, clicks and sizes, and says which
//     effects it asks for; [Model.View] draws a screen of any size.
//   - [Line] says a sample in one line, where there is no terminal.
package live
