package sdkbridge

import (
	"bytes"
	"encoding/json"
	"strconv"

	"iscdesk.dev/agent/api"
)

// EventType is the kind of an event, numbered as in iscdesk_events.h.
type EventType int32

// The kinds of events.
const (
	EventNone EventType = iota
	EventLicenseVerify
	EventOpenFile
	EventSaveResult
	EventUploadStart
	EventUploadEnd
	EventUpgradeNotice
	EventUpdate
	EventHeartbeat
	EventClosed
	EventConnected
	EventPublishResult
	EventUploadProgress
	EventLicenseChanged
	EventLeaseRenewed
	EventLeaseLost
	EventSolutionResult
	EventSolutionProgress
	EventInstallProgress
	EventFailure
)

// operate names the kind in its message.
func (t EventType) operate() string {
	return [...]string{
		EventNone: "", EventLicenseVerify: "LicenseVerify", EventOpenFile: "OpenFile",
		EventSaveResult: "SaveResult", EventUploadStart: "UploadStart", EventUploadEnd: "UploadEnd",
		EventUpgradeNotice: "UpgradeNotice", EventUpdate: "Update", EventHeartbeat: "Heartbeat",
		EventClosed: "ISCDeskClosed", EventConnected: "ISCDeskConnected", EventPublishResult: "PublishResult",
		EventUploadProgress: "UploadProgress", EventLicenseChanged: "LicenseChanged",
		EventLeaseRenewed: "LeaseRenewed", EventLeaseLost: "LeaseLost", EventSolutionResult: "SolutionResult",
		EventSolutionProgress: "SolutionProgress", EventInstallProgress: "InstallProgress", EventFailure: "Failure",
	}[t]
}

// Event is one event for the application: its kind and its message, the
// envelope {"operate":…,"params":{…},"comeBackParams":{…}}.
type Event struct {
	Type    EventType
	Message string
}

// envelope builds an Event, its params in the order in which they are added,
// because that is how the documentation of the SDK prints them.
type envelope struct {
	kind   EventType
	params bytes.Buffer
	tag    string
}

func newEnvelope(kind EventType, tag string) *envelope {
	return &envelope{kind: kind, tag: tag}
}

func (e *envelope) name(name string) {
	if e.params.Len() > 0 {
		e.params.WriteByte(',')
	}
	e.params.WriteString(quote(name))
	e.params.WriteByte(':')
}

func (e *envelope) text(name, value string) *envelope {
	e.name(name)
	e.params.WriteString(quote(value))
	return e
}

// some adds the text only where there is one.
func (e *envelope) some(name, value string) *envelope {
	if value == "" {
		return e
	}
	return e.text(name, value)
}

// truth adds a boolean the way the SDK spells it, as a string.
func (e *envelope) truth(name string, value bool) *envelope {
	return e.text(name, strconv.FormatBool(value))
}

func (e *envelope) number(name string, value int64) *envelope {
	e.name(name)
	e.params.WriteString(strconv.FormatInt(value, 10))
	return e
}

// because adds why something failed: the code for programs, the text for
// people.
func (e *envelope) because(err error, lang api.Language) *envelope {
	reason := api.AsError(err)
	if reason == nil {
		return e
	}
	return e.text("reason", string(reason.Code)).text("text", reason.Text(lang))
}

func (e *envelope) event() Event {
	comeBack := "{}"
	if e.tag != "" {
		comeBack = `{"tag":` + quote(e.tag) + `}`
	}
	return Event{e.kind, `{"operate":` + quote(e.kind.operate()) + `,"params":{` + e.params.String() +
		`},"comeBackParams":` + comeBack + `}`}
}

// quote writes a JSON string without escaping for HTML: paths and texts stay
// readable.
func quote(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(text) != nil {
		return `""` // cannot be: every string has an encoding
	}
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}
