package credstore

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

const (
	ringService = "iscdesk"
	// ringPatience bounds every conversation with the Secret Service: it may
	// wait for a person who is not there.
	ringPatience = 3 * time.Second
)

// errNoAnswer says that the Secret Service did not answer in time.
var errNoAnswer = errors.New("the Secret Service does not answer")

// vault is what the Secret Service offers, as go-keyring gives it.
type vault interface {
	Unlocked() error
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
	Delete(service, user string) error
}

// ring is a Store in the Secret Service.
type ring struct {
	vault    vault
	user     string
	patience time.Duration
	// stuck holds a token while a conversation is under way; one that never
	// ends keeps it, so that at most one goroutine is ever lost to a hung bus.
	stuck chan struct{}
}

func newKeyring(user string) *ring { return ringOver(desktop{}, user, ringPatience) }

func ringOver(v vault, user string, patience time.Duration) *ring {
	return &ring{vault: v, user: user, patience: patience, stuck: make(chan struct{}, 1)}
}

// probe tells whether the service answers and would not ask the user.
func (r *ring) probe() error { return r.bounded(func() error { return nil }) }

// Load gives the secret.
func (r *ring) Load() ([]byte, error) {
	var text string
	err := r.bounded(func() (err error) { text, err = r.vault.Get(ringService, r.user); return err })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(secret) > MaxSecret {
		return nil, fmt.Errorf("%w: the entry in the Secret Service is of another kind", ErrDamaged)
	}
	return secret, nil
}

// Save replaces the secret.
func (r *ring) Save(secret []byte) error {
	if len(secret) > MaxSecret {
		return fmt.Errorf("credentials: %d bytes are too many", len(secret))
	}
	text := base64.StdEncoding.EncodeToString(secret)
	return r.bounded(func() error { return r.vault.Set(ringService, r.user, text) })
}

// Clear removes the secret.
func (r *ring) Clear() error {
	err := r.bounded(func() error { return r.vault.Delete(ringService, r.user) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// bounded runs f if the collection is unlocked, and gives up when no answer
// comes. The D-Bus library offers no deadline, so f then stays behind.
func (r *ring) bounded(f func() error) error {
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	select {
	case r.stuck <- struct{}{}:
	case <-timer.C:
		return errNoAnswer
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-r.stuck }()
		defer func() {
			if trouble := recover(); trouble != nil { // the library trusts the types of what it is told
				done <- fmt.Errorf("the Secret Service: %v", trouble)
			}
		}()
		err := r.vault.Unlocked()
		if err == nil {
			err = f()
		}
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errNoAnswer
	}
}
