// Package cli is the command line of iscdesk: its commands, how they speak to
// people (in two languages) and to scripts (JSON and exit codes).
//
// Every text comes from the catalogue in assets/locale by way of printer, and
// whatever the cloud or a file name brought is escaped before a terminal sees
// it. Commands ask the service through Service and never touch its files.
package cli
