package logs

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc/eventlog"
)

// Source is the name under which the service writes into the event log. The
// installer registers it.
const Source = "iscdeskd"

const sources = `SYSTEM\CurrentControlSet\Services\EventLog\Application`

// messages is the system's own file of messages, whose texts are the events'.
const messages = `%SystemRoot%\System32\EventCreate.exe`

// Register makes the source known, so that the event viewer shows its events
// as they were written. It may be known already.
func Register() error {
	all, err := registry.OpenKey(registry.LOCAL_MACHINE, sources, registry.CREATE_SUB_KEY)
	if err != nil {
		return fmt.Errorf("sources of the event log: %w", err)
	}
	defer func() { _ = all.Close() }()
	key, _, err := registry.CreateKey(all, Source, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("source of the event log: %w", err)
	}
	defer func() { _ = key.Close() }()
	return errors.Join(
		key.SetDWordValue("CustomSource", 1),
		key.SetExpandStringValue("EventMessageFile", messages),
		key.SetDWordValue("TypesSupported", eventlog.Error|eventlog.Warning|eventlog.Info),
	)
}

// Unregister forgets the source. It may be unknown.
func Unregister() error {
	if err := eventlog.Remove(Source); err != nil && !errors.Is(err, registry.ErrNotExist) {
		return fmt.Errorf("source of the event log: %w", err)
	}
	return nil
}

// OpenEvents opens the event log of this machine.
func OpenEvents() (Sink, error) { return eventlog.Open(Source) }
