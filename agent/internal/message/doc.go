// Package message keeps what happened to one user and what he may want to read
// later: a document was published, a licence was frozen, a solve has ended.
//
// It hears every event of the user and derives from each, by one function
// (derive), whether it is worth a message and which. What comes again is told
// once: of each subject (a save, a licence, an application) the last mark is
// kept, and an event that leaves the mark as it is makes no message.
//
// Messages and marks lie in the user's database. At most 500 messages are
// kept, none for longer than 90 days.
package message
