CREATE TABLE space (
	id     TEXT PRIMARY KEY,
	tenant TEXT NOT NULL,
	owner  TEXT NOT NULL,           -- account; '': shared by the tenant
	name   TEXT NOT NULL,
	folded TEXT NOT NULL,           -- the name as it is compared
	UNIQUE (tenant, owner, folded)
);
CREATE TABLE node (
	id      TEXT PRIMARY KEY,
	space   TEXT NOT NULL REFERENCES space (id),
	parent  TEXT NOT NULL,          -- node; '': the space itself
	name    TEXT NOT NULL,
	folded  TEXT NOT NULL,
	kind    TEXT NOT NULL,          -- folder, single, assembly
	current INTEGER NOT NULL DEFAULT 0,
	UNIQUE (space, parent, folded)
);
CREATE TABLE chunk (
	id     INTEGER PRIMARY KEY,
	tenant TEXT NOT NULL,
	hash   BLOB NOT NULL,
	pack   TEXT NOT NULL,           -- key of the object that holds it
	start  INTEGER NOT NULL,
	size   INTEGER NOT NULL,
	UNIQUE (tenant, hash)
);
CREATE TABLE manifest (
	id     INTEGER PRIMARY KEY,
	tenant TEXT NOT NULL,
	hash   BLOB NOT NULL,
	object TEXT NOT NULL,
	UNIQUE (tenant, hash)
);
CREATE TABLE manifest_chunk (
	manifest INTEGER NOT NULL REFERENCES manifest (id),
	chunk    INTEGER NOT NULL REFERENCES chunk (id),
	PRIMARY KEY (manifest, chunk)
) WITHOUT ROWID;
CREATE TABLE version (
	document  TEXT NOT NULL REFERENCES node (id),
	number    INTEGER NOT NULL,
	manifest  INTEGER NOT NULL REFERENCES manifest (id),
	size      INTEGER NOT NULL,
	author    TEXT NOT NULL,        -- user name
	created   INTEGER NOT NULL,
	comment   TEXT NOT NULL,
	operation TEXT NOT NULL,
	PRIMARY KEY (document, number)
);
CREATE TABLE checkout (
	document  TEXT PRIMARY KEY REFERENCES node (id),
	account   TEXT NOT NULL,
	user_name TEXT NOT NULL,
	since     INTEGER NOT NULL
);
CREATE TABLE operation (
	account TEXT NOT NULL,
	id      TEXT NOT NULL,
	answer  BLOB NOT NULL,          -- the PublishResult that was given first
	created INTEGER NOT NULL,
	PRIMARY KEY (account, id)
);
