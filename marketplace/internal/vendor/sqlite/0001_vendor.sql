CREATE TABLE instance (
	id         TEXT PRIMARY KEY,
	order_id   TEXT NOT NULL,
	order_line TEXT NOT NULL,
	product    TEXT NOT NULL,
	state      TEXT NOT NULL, -- ACTIVE, FREEZE, RELEASED
	expires    TEXT NOT NULL, -- of the last renewal, yyyyMMddHHmmss
	UNIQUE (order_id, order_line)
);
CREATE TABLE license (
	event       TEXT PRIMARY KEY,
	instance    TEXT NOT NULL REFERENCES instance (id),
	fingerprint TEXT NOT NULL,
	content     TEXT NOT NULL,
	due         INTEGER NOT NULL, -- when it is to be uploaded
	uploaded    INTEGER NOT NULL  -- 1: the marketplace has it
);
CREATE INDEX license_due ON license (uploaded, due);
