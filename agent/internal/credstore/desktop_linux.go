package credstore

import (
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// busVariable names the session bus. Without it the D-Bus library would start
// a bus of its own, which nobody would ever stop.
const busVariable = "DBUS_SESSION_BUS_ADDRESS"

// desktopHere tells whether there may be a Secret Service.
func desktopHere() bool { return os.Getenv(busVariable) != "" }

// desktop is the Secret Service of the user's session.
type desktop struct{}

// Unlocked fails unless the default collection can be used without asking the
// user for a password.
func (desktop) Unlocked() error {
	bus, err := dbus.SessionBus()
	if err != nil {
		return fmt.Errorf("session bus: %w", err)
	}
	locked, err := bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets/aliases/default").
		GetProperty("org.freedesktop.Secret.Collection.Locked")
	if err != nil {
		return fmt.Errorf("the Secret Service: %w", err)
	}
	if is, ok := locked.Value().(bool); !ok || is {
		return errors.New("the collection of the Secret Service is locked")
	}
	return nil
}

// Get reads an entry.
func (desktop) Get(service, user string) (string, error) { return keyring.Get(service, user) }

// Set writes an entry.
func (desktop) Set(service, user, secret string) error { return keyring.Set(service, user, secret) }

// Delete removes an entry.
func (desktop) Delete(service, user string) error { return keyring.Delete(service, user) }
