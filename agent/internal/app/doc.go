// Package app installs and upgrades the applications of one user.
//
// What is to be done for a product follows from facts by one function, Next:
// what was ordered, whether the application runs, whether the package is
// here, what failed and when. An upgrade is ordered at once where the
// catalogue forces it, and where it does not, when the user or the
// application says yes (decide). It begins only after every session of the
// product has closed and its processes have ended.
//
//	          found/Install            closed            checked
//	absent ──────────────▶ waiting ──────────▶ downloading ──────▶ installing ──▶ installed
//	installed ── found ──▶ offered ── yes ──▶ waiting …                │ fails
//	                          └── no ──▶ installed                     ▼
//	                     waiting … ◀── Install, yes, retry ──────── broken
//
// Everything that was decided is in the database before it is acted upon, so
// that a crash anywhere is followed by the same step again. Packages are
// fetched into the service's own folder and unpacked by a child with the
// user's rights (package helper).
package app
