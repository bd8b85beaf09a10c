// Package cloudfile keeps one user's documents: it stages what is saved,
// publishes it when the marketplace can be reached, streams what is opened,
// and remembers which local path belongs to which document.
//
// A save is safe once Commit returns: its content is fsynced (package stage)
// and recorded (package ledger) in one transaction with all that is needed to
// publish it. That path holds one copy to the disk and one hash, no more: the
// chunks are cut from the staged content when its upload begins. From there on
// one controller per document takes over, in the order of the saves. What it
// does next is decided by package core, how content moves by package transfer.
// No content is deleted before the marketplace has it, or the user has
// withdrawn it.
//
// A save that met a newer version of its document is published as a copy, and
// recorded as a conflict in the same transaction. The user's answer is
// recorded before the marketplace is asked to do it, in one step of its own;
// where its answer is lost, the marketplace is asked whether it was done (tend).
// While that is open, no save of the copy is sent.
//
// The package never opens a path that a client names: local paths are keys.
package cloudfile
