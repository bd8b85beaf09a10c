CREATE TABLE solve (
	id            TEXT PRIMARY KEY,
	user_id       TEXT NOT NULL,
	operation     TEXT NOT NULL,
	document      TEXT NOT NULL,
	version       INTEGER NOT NULL,
	path          TEXT NOT NULL,
	state         TEXT NOT NULL, -- queued, running, succeeded, failed, cancelled
	percent       INTEGER NOT NULL,
	result        TEXT NOT NULL, -- JSON of the document, '' without one
	message       TEXT NOT NULL,
	reason        TEXT NOT NULL, -- code
	reason_params TEXT NOT NULL, -- JSON
	created       INTEGER NOT NULL,
	UNIQUE (user_id, operation)
);
CREATE INDEX solve_state ON solve (state, created);
