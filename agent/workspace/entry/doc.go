// Package entry holds the rules for what a document is made of: which paths
// an entry may have, which paths a document may have in the cloud, and the
// one hash that identifies a document's content. Both sides of the local
// socket use them: the caller before it sends, the service because it trusts
// no caller.
//
// An entry path has to work on every system that a colleague may open the
// document on, so it is held to the narrowest of them: what Windows refuses in
// a file name is refused everywhere, at the moment of saving, where the user
// can still choose another name.
//
// It is a leaf: it imports agent/api alone of this module.
package entry
