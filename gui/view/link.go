package view

import (
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
)

// absentAfter is how long the service may take to answer the first time before
// the user is told that it does not.
const absentAfter = 5 * time.Second

// Connecting tells that the service has not answered yet and that it is too
// early to call it absent. One that refuses has answered.
func Connecting(s desk.Snapshot, now time.Time) bool {
	return s.Link == desk.Connecting && !Refused(s) && now.Sub(s.Since) < absentAfter
}

// Refused tells that the service does not serve this user, or is not the
// service.
func Refused(s desk.Snapshot) bool {
	return s.Link != desk.Connected && s.Reason != nil && (s.Reason.Code == api.PermissionDenied || s.Reason.Code == api.ServiceImpostor)
}
