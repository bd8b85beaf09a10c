package license

import "encoding/json"

// migrations are the tables of this engine. Times are Unix milliseconds,
// except those of the marketplace (expires, grace), which are Unix seconds.
func migrations() []string {
	return []string{`
CREATE TABLE license_request (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	id TEXT NOT NULL UNIQUE,
	account TEXT NOT NULL,      -- who applies; empty until somebody is signed in
	session TEXT NOT NULL,
	product TEXT NOT NULL,
	version TEXT NOT NULL,
	kind TEXT NOT NULL,
	device TEXT NOT NULL,       -- as the application gave it
	trial INTEGER NOT NULL,
	tag TEXT NOT NULL,
	application TEXT NOT NULL DEFAULT '', -- the marketplace's event id, once it is known
	state TEXT NOT NULL DEFAULT 'pending',
	reason TEXT NOT NULL DEFAULT '',      -- of the refusal, or why it is still pending
	attempts INTEGER NOT NULL DEFAULT 0,
	due INTEGER NOT NULL DEFAULT 0,
	hints INTEGER NOT NULL DEFAULT 0,     -- how often it was made due from outside, see ask
	told TEXT NOT NULL DEFAULT '',
	answer TEXT NOT NULL DEFAULT '',      -- the LicenseAnswer that was told last
	verdict TEXT NOT NULL DEFAULT '',
	verdict_message TEXT NOT NULL DEFAULT '',
	verdict_attempts INTEGER NOT NULL DEFAULT 0,
	verdict_due INTEGER NOT NULL DEFAULT 0, -- 0: nothing to report
	created INTEGER NOT NULL,
	updated INTEGER NOT NULL
);
CREATE INDEX license_request_session ON license_request (session, number);
CREATE TABLE license_kept (
	account TEXT NOT NULL, product TEXT NOT NULL, kind TEXT NOT NULL, device TEXT NOT NULL,
	version TEXT NOT NULL,
	event TEXT NOT NULL, instance TEXT NOT NULL,
	content TEXT NOT NULL, file_name TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
	status TEXT NOT NULL, expires INTEGER NOT NULL,
	stale INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,
	updated INTEGER NOT NULL,
	PRIMARY KEY (account, product, kind, device)
);
CREATE TABLE license_file (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE license_list (
	account TEXT NOT NULL, instance TEXT NOT NULL, info TEXT NOT NULL,
	PRIMARY KEY (account, instance)
);
CREATE TABLE license_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE lease (
	session TEXT PRIMARY KEY,
	account TEXT NOT NULL, product TEXT NOT NULL, device TEXT NOT NULL,
	features TEXT NOT NULL, nonce TEXT NOT NULL,
	id TEXT NOT NULL, token TEXT NOT NULL, expires INTEGER NOT NULL, grace INTEGER NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, -- of the next renewal, release or acquisition
	hints INTEGER NOT NULL DEFAULT 0, -- how often it was made due from outside, see putLease
	updated INTEGER NOT NULL
);`, `
ALTER TABLE lease ADD COLUMN renewed INTEGER NOT NULL DEFAULT 0; -- when the token came`}
}

// encode gives v as JSON. What is encoded here always can be.
func encode(v any) json.RawMessage {
	content, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return content
}
