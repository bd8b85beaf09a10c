// Package core decides: where a save goes and whether it may, what a document
// needs next, what a failure means, how long to wait. It is functions of data
// only; clock, disk and network stay outside.
//
//	Clean ──change──▶ Modified ──save──▶ Staged ──send──▶ Uploading ──published──▶ Clean
//	                                       ▲                  │
//	                                       └── RetryAt ── Failed        (offline, 5xx: by itself;
//	                                                          │          refused: when asked to)
//	                                                          └──▶ Conflicted (both versions kept)
package core
