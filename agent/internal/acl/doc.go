// Package acl makes files and folders of the service that nobody else can
// open, checks those that it finds, and tells what an access list says. It is
// for Windows, where a file has an access list and no mode.
package acl
