// Package credstore keeps the secrets of one user's account: sealed in the
// service's own state or, for an agent that runs as the user, in the desktop's
// Secret Service.
//
// What protects the file: the state folder belongs to the service alone (0700)
// and so does each file in it (0600; on Windows an access list for SYSTEM and
// administrators). Sealing adds that the content is bound
// to the user (another user's file does not open under this one's name), that
// a changed or torn file is noticed, that a token never stands in plain text
// in a backup or a bug report, and that Clear, which destroys the key, makes
// every leftover copy worthless. It does not protect from root, who can read
// the key as well.
package credstore

import (
	"errors"
	"log/slog"
)

// MaxSecret bounds what a Store keeps, in bytes.
const MaxSecret = 64 << 10

// ErrDamaged says that something is kept and cannot be opened: it is torn, was
// changed, belongs to another user, or is readable by others. Save and Clear
// mend that.
var ErrDamaged = errors.New("the kept credentials cannot be opened")

// Store keeps one secret. It is safe for any number of goroutines, and no
// method blocks for longer than a few seconds.
type Store interface {
	// Load gives the secret; nil where none is kept. It fails with ErrDamaged,
	// or where the storage itself does.
	Load() ([]byte, error)
	// Save replaces the secret. Once it returns, the secret survives a power
	// cut; if it fails, the old one is still there.
	Save(secret []byte) error
	// Clear removes the secret for good; succeeds if there is none.
	Clear() error
}

// Open gives the store of a user. dir is the folder of that user's state,
// user the stable key of the operating system's user. An agent that runs as
// the user himself (perUser) takes the Secret Service where one answers with
// an unlocked collection; if it later fails, the file takes over.
func Open(dir, user string, perUser bool, log *slog.Logger) (Store, error) {
	file, err := NewFile(dir, user)
	if err != nil {
		return nil, err
	}
	file.perUser = perUser
	if !perUser || !desktopHere() {
		return file, nil
	}
	ring := newKeyring(user)
	if err := ring.probe(); err != nil {
		log.Info("credentials are kept in a sealed file: no Secret Service answers", "error", err)
		return file, nil
	}
	return &layered{first: ring, file: file, log: log}, nil
}

// layered keeps the secret in first, and in the file when first fails. A
// secret in the file is always the newer one.
type layered struct {
	first Store
	file  Store
	log   *slog.Logger
}

// Load gives the newer secret.
func (l *layered) Load() ([]byte, error) {
	secret, err := l.file.Load()
	if secret != nil || err != nil {
		return secret, err
	}
	return l.first.Load()
}

// Save keeps the secret in exactly one place.
func (l *layered) Save(secret []byte) error {
	if err := l.first.Save(secret); err != nil {
		l.log.Warn("the Secret Service did not keep the credentials; a sealed file does", "error", err)
		return l.file.Save(secret)
	}
	return l.file.Clear()
}

// Clear removes the secret from both.
func (l *layered) Clear() error { return errors.Join(l.file.Clear(), l.first.Clear()) }
