// Package enrich adds to a snapshot what no source by itself can say: the
// settings of network namespaces, whose the connections in accept queues are,
// what the sockets in no table are, how many sockets nobody holds (Complete);
// and what only suspicious sockets are worth: who waits for them, what is at
// their other end, who shares them (Detail).
//
// It works on Linux. Elsewhere it adds nothing.
package enrich
