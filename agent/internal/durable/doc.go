// Package durable makes changes to the names in a folder survive a power cut.
// The content of a file is its own affair: (*os.File).Sync, before it gets its
// name.
package durable
