// Package archive unpacks packages that nobody vouches for: tar.gz, tar and
// zip, into a folder that it never leaves.
//
// What an archive may not do is decided before anything is written: names
// that climb, clash, or mean something to an operating system, links and
// devices, and sizes that no honest package has. Every write goes through an
// os.Root, so that a mistake in the rules still cannot leave the folder.
//
// The package runs with the rights of the user whose folder it fills; it is a
// leaf and knows nothing of products or catalogues.
package archive
