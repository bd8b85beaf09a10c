// The public keys that MiniCAD believes. They are compiled in, so that nobody
// can put others in their place. A build hands in its own with -include of a
// header that defines both macros; the marketplace prints the first:
//
//	iscmarket product-key minicad --state DIR --format base64
#ifndef MINICAD_KEYS_H
#define MINICAD_KEYS_H

#ifndef ISCDESK_LEASE_KEYS // signs the leases of the product
#define ISCDESK_LEASE_KEYS ""
#endif
#ifndef ISCDESK_VENDOR_KEY // signs the vendor's licences
#define ISCDESK_VENDOR_KEY ""
#endif

#endif
