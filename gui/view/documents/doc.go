// Package documents is the room of the user's documents: it browses the cloud
// and tells of the chosen document what is to be known and done, shows its
// history, what is saved and not published yet, the conflicts that wait for a
// choice, and takes files and folders in from the desktop.
//
// "Saved" is what is durable on this machine, "published" what the marketplace
// has; no text here uses the one for the other.
package documents
