// The C library libiscdesk: translation between the C API of
// include/iscdesk.h and package sdkbridge, and nothing else.
//
// A call enters in exports.c, which checks the process, blocks the thread's
// asynchronous signals and calls the Go function of the same name with the
// prefix iscgo_. That one turns C values into Go ones, recovers from panics,
// and turns the error into a status. The header is included here, so that a
// declaration that drifts from its definition does not compile; exports.map
// keeps everything but the API out of the library's symbol table.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/include -std=gnu11 -Wall -Wextra -fvisibility=hidden -DISCDESK_BUILD
*/
import "C"

// main is never called: the package is a library.
func main() {}
