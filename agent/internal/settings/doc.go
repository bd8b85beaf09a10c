// Package settings keeps what one user of the operating system has chosen for
// himself: language and theme, what he wants to be told, the folder that his
// documents are opened into, how fast he wants to send and receive.
//
// What the administrator has locked stands above it: it is in force whatever
// was chosen, is shown as locked, and cannot be changed. The choice below it is
// kept and counts again when the lock is taken away.
package settings
