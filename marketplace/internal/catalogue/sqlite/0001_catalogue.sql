CREATE TABLE app (
	product TEXT PRIMARY KEY,
	name    TEXT NOT NULL
);
CREATE TABLE app_version (
	product TEXT NOT NULL REFERENCES app (product),
	version TEXT NOT NULL,
	os      TEXT NOT NULL, -- '' : any
	arch    TEXT NOT NULL, -- '' : any
	forced  INTEGER NOT NULL,
	trial   INTEGER NOT NULL,
	notes   TEXT NOT NULL,
	file    TEXT NOT NULL, -- '' : no package
	size    INTEGER NOT NULL,
	sha256  TEXT NOT NULL,
	PRIMARY KEY (product, version, os, arch)
);
CREATE INDEX app_version_package ON app_version (sha256);
