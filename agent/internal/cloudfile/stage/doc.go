// Package stage keeps the content of saves on this machine until the
// marketplace has it: one file per save, the entries' bytes one after the
// other, fsynced before it counts.
//
// A Writer spreads the work: the caller's Write only copies into a buffer;
// one goroutine writes the buffers to the file while another hashes them. Both
// end with Seal or Discard, which wait for them. Nothing else happens before
// 'saved': the chunks are cut when the upload begins.
package stage
