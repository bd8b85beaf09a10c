// Package transfer moves the content of one document between the staging and
// the marketplace: chunks up in packs, a version published; chunks down,
// verified, with read-ahead. Both directions go on where they were cut off,
// because chunks are named by their content.
//
// A pack, and the answer to a fetch, is a sequence of records: 32 bytes of
// hash, 4 bytes of big-endian length, content.
package transfer
