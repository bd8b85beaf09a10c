// Package daemon is the composition root of the iscdesk service: it prepares
// the state folder, builds for each user of the operating system the engines
// that serve him, joins them to each other, to the marketplace and to the
// local API, and runs the whole under one supervisor.
package daemon
