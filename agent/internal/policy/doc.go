// Package policy is what the administrator decides for a machine, and what a
// user may decide where the administrator leaves it open.
//
// Settings names every setting once: its key in policy.toml, its value in the
// registry, its type, what it means, and what happens if it is wrong. Resolve
// is pure: it takes what the sources say and gives the settings in force with
// where each comes from. Read gathers the sources, Live keeps them current.
//
// To add a setting: add its row to Settings and its member to Values, use the
// member where it is to take effect, and run the tests: they name the lines
// that installer/policy lacks.
package policy
