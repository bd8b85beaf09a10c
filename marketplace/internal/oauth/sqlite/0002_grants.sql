-- Nothing in these tables can be presented: tokens, codes and sessions stand
-- as SHA-256.
CREATE TABLE session (
	hash    BLOB PRIMARY KEY,
	account TEXT NOT NULL REFERENCES account (id),
	expires INTEGER NOT NULL,
	consent BLOB                   -- the request that the user signed in for
);
CREATE TABLE access_grant (
	id      TEXT PRIMARY KEY,
	account TEXT NOT NULL REFERENCES account (id),
	client  TEXT NOT NULL REFERENCES client (id),
	created INTEGER NOT NULL,
	revoked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE code (
	hash         BLOB PRIMARY KEY,
	client       TEXT NOT NULL,
	redirect_uri TEXT NOT NULL,
	challenge    TEXT NOT NULL,
	account      TEXT NOT NULL,
	expires      INTEGER NOT NULL,
	access_grant TEXT              -- set when it was redeemed
);
CREATE TABLE access_token (
	hash         BLOB PRIMARY KEY,
	access_grant TEXT NOT NULL REFERENCES access_grant (id),
	expires      INTEGER NOT NULL
);
CREATE INDEX access_token_expires ON access_token (expires);
CREATE TABLE refresh_token (
	hash         BLOB PRIMARY KEY,
	access_grant TEXT NOT NULL REFERENCES access_grant (id),
	expires      INTEGER NOT NULL,
	used         INTEGER NOT NULL DEFAULT 0,
	successor    BLOB
);
CREATE INDEX refresh_token_expires ON refresh_token (expires);
CREATE TABLE device (
	hash         BLOB PRIMARY KEY,
	user_code    TEXT NOT NULL UNIQUE,
	client       TEXT NOT NULL,
	expires      INTEGER NOT NULL,
	gap          INTEGER NOT NULL, -- milliseconds between two polls
	polled       INTEGER NOT NULL DEFAULT 0,
	account      TEXT,             -- who allowed it
	denied       INTEGER NOT NULL DEFAULT 0,
	redeemed     INTEGER NOT NULL DEFAULT 0,
	access_grant TEXT
);
CREATE TABLE server_key (
	id    INTEGER PRIMARY KEY CHECK (id = 1),
	value BLOB NOT NULL
);
