// Package ipc listens on and dials the local socket between the iscdesk
// service and the programs of a machine, and tells each side who the other
// is. The identity comes from the kernel, never from the peer's own word.
package ipc
