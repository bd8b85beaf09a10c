// Package api is the vocabulary that the iscdesk service shares with its
// clients: the types that cross the local socket, the names of its routes,
// calls and events, and the one table of errors.
//
// It is a leaf: it holds no behaviour beyond reading and writing itself, and
// imports nothing of this module.
package api
