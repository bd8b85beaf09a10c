// Package solve follows the solves in the cloud that one user has asked for.
//
//	saved ──published, submitted──▶ queued ──▶ running ──▶ succeeded | failed
//	  │                               │           │
//	  └──────────── cancel ───────────┴───────────┴──────▶ cancelled
//
// A solve is a save that asked for one. It is kept durably from the moment
// its version is published, submitted with the save's operation as its
// identity (so that a retry makes no second solve), and followed by the
// marketplace's pushes, by asking again whenever the connection is back, and
// by a slow poll while something runs.
package solve
