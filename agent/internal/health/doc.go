// Package health knows the lasting troubles of one user's iscdesk, and
// examines the machine on demand.
//
// Warnings follow from facts by one function, evaluate: a table of rules,
// each with the code that names the trouble and the one action that mends it.
// The engine gathers the facts when something changed and on a slow timer,
// and tells the watches only when the list is another one.
//
// To add a warning: add its code to the error table in both languages, its
// fact to facts and gather, and its rule to rules.
package health
