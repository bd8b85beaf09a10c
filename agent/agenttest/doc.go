// Package agenttest gives tests and the demo a whole iscdesk in temporary
// folders: marketplace, sample vendor and one service per person, as real
// processes over real sockets, in the words of the product.
//
// A World is the room in which they live. Its methods return errors, so that
// the demo can use it; Start wraps it for tests, shows the logs of a failed
// one and makes sure that nothing is left behind. A test binary that uses the
// package runs its tests through Main, which builds the programs once.
//
// Nothing sleeps: the package waits for files (by file events), for processes
// to end, and for messages of the service's watch.
package agenttest
