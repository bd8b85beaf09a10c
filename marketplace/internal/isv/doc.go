// Package isv speaks the documented protocol between the marketplace and the
// servers of software vendors (ISVs), for either side of it: the signature of
// callbacks, the AK/SK signature of open APIs, the messages with their field
// names, lengths and time formats, the result codes, and the client that calls
// a vendor.
//
// It holds no state but the nonces that it has seen.
package isv
