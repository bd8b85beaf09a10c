// Package proxy dials the way that the administrator set up: directly, through
// a proxy (HTTP, HTTPS, SOCKS 5), or as a proxy auto-configuration script (PAC)
// says. Every connection of the service begins here.
//
// It fails closed: where a proxy or a script is set and cannot be used, nothing
// is dialled another way. This machine itself is always dialled directly.
//
// A script runs in an interpreter of its own with bounded time and memory, and
// sees the host and port, never a path. Proxies are asked for tunnels only
// (CONNECT), so they see no content either.
package proxy
