// Package windows tests the library for Windows: what it exports and imports,
// and what hosts of 64 and 32 bit, compiled by mingw, do with it. The tests run
// where Windows programs do, under Wine; compile.sh makes the hosts before:
//
//	make test-sdk-windows
package windows
