CREATE TABLE vendor (
	id             TEXT PRIMARY KEY,
	name           TEXT NOT NULL,
	access_key     TEXT NOT NULL,        -- signs callbacks
	ak             TEXT NOT NULL UNIQUE, -- signs open API calls
	sk             TEXT NOT NULL,
	production_url TEXT NOT NULL         -- '' : not registered yet
);
CREATE TABLE product (
	id        TEXT PRIMARY KEY,
	name      TEXT NOT NULL,
	vendor    TEXT NOT NULL REFERENCES vendor (id),
	lease_key BLOB NOT NULL -- Ed25519 seed
);
CREATE TABLE license_order (
	id            TEXT PRIMARY KEY,
	line          TEXT NOT NULL,
	instance      TEXT NOT NULL,
	type          TEXT NOT NULL, -- NEW, TRIAL, RENEW, UNSUBSCRIBE
	charging_mode TEXT NOT NULL,
	period_type   TEXT NOT NULL,
	period_number INTEGER NOT NULL,
	created       INTEGER NOT NULL,
	expires       INTEGER NOT NULL,
	buyer         TEXT NOT NULL,
	buyer_name    TEXT NOT NULL,
	company       TEXT NOT NULL
);
CREATE TABLE instance (
	id              TEXT PRIMARY KEY,
	product         TEXT NOT NULL REFERENCES product (id),
	tenant          TEXT NOT NULL,
	vendor_instance TEXT NOT NULL, -- '' until the vendor created it
	state           TEXT NOT NULL, -- creating, active, frozen, released, failed
	fail_code       TEXT NOT NULL, -- the vendor's code, if he refused to create it
	fail_message    TEXT NOT NULL,
	effective       INTEGER NOT NULL,
	expires         INTEGER NOT NULL, -- 0: no end
	seats           INTEGER NOT NULL,
	features        TEXT NOT NULL,    -- JSON list
	trial           INTEGER NOT NULL,
	created         INTEGER NOT NULL
);
CREATE INDEX instance_product ON instance (product);
CREATE TABLE assignment (
	instance TEXT NOT NULL REFERENCES instance (id),
	user_id  TEXT NOT NULL,
	PRIMARY KEY (instance, user_id)
);
CREATE INDEX assignment_user ON assignment (user_id);
CREATE TABLE license_event (
	id              TEXT PRIMARY KEY,
	instance        TEXT NOT NULL REFERENCES instance (id),
	user_id         TEXT NOT NULL,
	product         TEXT NOT NULL,
	kind            TEXT NOT NULL, -- string, file
	fingerprint     TEXT NOT NULL,
	slot            TEXT UNIQUE,   -- the same application; NULL once refused
	state           TEXT NOT NULL, -- pending, granted, refused
	reason          TEXT NOT NULL, -- code
	reason_params   TEXT NOT NULL, -- JSON
	created         INTEGER NOT NULL,
	updated         INTEGER NOT NULL,
	characters      TEXT NOT NULL,
	file_name       TEXT NOT NULL,
	size            INTEGER NOT NULL,
	sha256          TEXT NOT NULL,
	object          TEXT NOT NULL,
	verdict         TEXT NOT NULL, -- '', accepted, rejected
	verdict_message TEXT NOT NULL
);
CREATE INDEX license_event_instance ON license_event (instance);
CREATE TABLE vendor_job (
	seq      INTEGER PRIMARY KEY,
	id       TEXT NOT NULL UNIQUE,
	kind     TEXT NOT NULL, -- new, get, status, refresh, release, expire
	lane     TEXT NOT NULL, -- jobs of a lane are done one after the other
	instance TEXT NOT NULL REFERENCES instance (id),
	event    TEXT NOT NULL,
	detail   TEXT NOT NULL, -- the call's status, or its order
	attempts INTEGER NOT NULL,
	due      INTEGER NOT NULL,
	deadline INTEGER NOT NULL, -- 0: counts from the first attempt
	trouble  TEXT NOT NULL
);
CREATE INDEX vendor_job_due ON vendor_job (due);
CREATE INDEX vendor_job_lane ON vendor_job (lane, seq);
CREATE TABLE lease (
	id         TEXT PRIMARY KEY,
	instance   TEXT NOT NULL REFERENCES instance (id),
	product    TEXT NOT NULL,
	user_id    TEXT NOT NULL,
	session    TEXT NOT NULL,
	device     TEXT NOT NULL,
	os_user    TEXT NOT NULL,
	nonce      TEXT NOT NULL,
	features   TEXT NOT NULL, -- JSON list
	state      TEXT NOT NULL, -- held, ended, released, revoked
	held_until INTEGER NOT NULL
);
CREATE INDEX lease_instance ON lease (instance, state);
CREATE INDEX lease_session ON lease (user_id, session);
