// Package vendor is a software vendor's own licence server, small but real: it
// takes the marketplace's signed callbacks, issues signed licences and uploads
// them. It serves the sample tenant and shows vendors what theirs has to do.
//
// A licence is one line of text, which is also the content of the .lic file:
//
//	ISCLIC1.<base64url(JSON)>.<base64url(signature)>
//
// base64url is without padding. The signature is Ed25519 over the bytes
// "ISCLIC1." followed by the first base64url text. The JSON is an object of
// product, instance, event and fingerprint (strings), issued and expires (Unix
// seconds; expires 0: no end).
//
// The vendor has one key for all his licences, made at his first start. It is
// another one than those of the leases, which the marketplace makes, one per
// product, and signs with.
package vendor
