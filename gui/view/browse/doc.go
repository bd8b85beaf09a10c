// Package browse walks the cloud: a tree of spaces and folders, the content of
// one folder, a search, and what was used last. The picker and the Documents
// room share it.
//
// Nothing in it waits: what has to be asked for is asked on a goroutine of
// desk.Do, what is known is shown meanwhile, and answers to questions that
// nobody asks any more are dropped. The selection is a path, so that it stays
// on its document while listings come and go.
package browse
