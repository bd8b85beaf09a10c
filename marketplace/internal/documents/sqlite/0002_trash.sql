-- A document that was set aside: its node hangs below 'trash:<id>', where no
-- path leads, so that its name is free.
CREATE TABLE trash (
	document  TEXT PRIMARY KEY REFERENCES node (id),
	parent    TEXT NOT NULL,        -- where it lay
	account   TEXT NOT NULL,        -- who set it aside
	user_name TEXT NOT NULL,
	since     INTEGER NOT NULL
);
