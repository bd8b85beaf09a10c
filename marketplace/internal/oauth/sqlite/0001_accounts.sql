CREATE TABLE tenant (
	id   TEXT PRIMARY KEY,
	name TEXT NOT NULL
);
CREATE TABLE account (
	id        TEXT PRIMARY KEY,
	user_name TEXT NOT NULL UNIQUE,
	name      TEXT NOT NULL,
	email     TEXT NOT NULL,
	tenant    TEXT NOT NULL REFERENCES tenant (id),
	password  TEXT NOT NULL -- argon2id, in the PHC form
);
CREATE INDEX account_tenant ON account (tenant);
CREATE TABLE client (
	id           TEXT PRIMARY KEY,
	name         TEXT NOT NULL,
	secret       BLOB,             -- SHA-256; NULL: a public client
	redirect_uri TEXT NOT NULL,    -- '' : loopback only
	agent        INTEGER NOT NULL  -- 1: its tokens open the agent API
);
