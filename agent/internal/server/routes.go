package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
)

// route is one row of the table: what it answers, what the caller needs to be,
// and either what it does (do) or what takes the connection over (upgrade).
type route struct {
	pattern string
	access  actor.Access
	do      handler
	upgrade func(*call)
	wait    time.Duration
}

// call is one request, with who makes it. user is nil for routes that
// Anyone and Admin may call: they concern no single user.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	conn   *peerConn
	user   *User
	tenant *tenant
}

type handler func(context.Context, *call) (any, error)

func (s *Server) routes() []route {
	short, long := s.cfg.Limits.CallWait, s.cfg.Limits.LongWait
	return []route{
		{api.RouteSession, actor.Self, nil, s.openSession, 0},
		{api.RouteWatch, actor.Self, nil, s.openWatch, 0},
		{api.RouteService, actor.Anyone, s.info, nil, short},
		{api.RouteState, actor.Self, s.state, nil, short},
		{api.RouteLoginBegin, actor.Self, takes(loginBegin), nil, short},
		{api.RouteLoginComplete, actor.Self, takes(loginComplete), nil, short},
		{api.RouteLoginCancel, actor.Self, takes(loginCancel), nil, short},
		{api.RouteDeviceBegin, actor.Self, gives(deviceBegin), nil, short},
		{api.RouteDeviceAwait, actor.Self, named("id", deviceAwait), nil, long},
		{api.RouteLogout, actor.Self, gives(logout), nil, short},
		{api.RouteLicenses, actor.Self, gives(licenses), nil, short},
		{api.RouteList, actor.Self, atPath(list), nil, short},
		{api.RouteHistory, actor.Self, atPath(history), nil, short},
		{api.RouteSearch, actor.Self, search, nil, short},
		{api.RouteRecent, actor.Self, gives(recent), nil, short},
		{api.RouteTrashed, actor.Self, atPath(trashed), nil, short},
		{api.RouteTrash, actor.Self, takes(trash), nil, short},
		{api.RouteUntrash, actor.Self, takes(untrash), nil, short},
		{api.RouteFolder, actor.Self, takes(createFolder), nil, short},
		{api.RouteRestore, actor.Self, takes(restore), nil, short},
		{api.RouteCheckout, actor.Self, takes(checkOut), nil, short},
		{api.RouteCheckin, actor.Self, takes(checkIn), nil, short},
		{api.RoutePicks, actor.Self, gives(picks), nil, short},
		{api.RoutePickAnswer, actor.Self, takesNamed("id", answerPick), nil, short},
		{api.RouteTransfers, actor.Self, gives(transfers), nil, short},
		{api.RouteTransferRetry, actor.Self, named("id", retry), nil, short},
		{api.RouteTransferMove, actor.Self, takesNamed("id", redirect), nil, short},
		{api.RouteTransferDrop, actor.Self, named("id", discard), nil, short},
		{api.RouteUploadsPause, actor.Self, takes(pauseUploads), nil, short},
		{api.RouteConflicts, actor.Self, gives(conflicts), nil, short},
		{api.RouteConflictEnd, actor.Self, takesNamed("id", endConflict), nil, short},
		{api.RouteApps, actor.Self, gives(apps), nil, short},
		{api.RouteAppInstall, actor.Self, s.install, nil, short},
		{api.RouteAppUninstall, actor.Self, named("product", uninstall), nil, short},
		{api.RouteAppAnswer, actor.Self, s.answerUpgrade, nil, short},
		{api.RouteSolves, actor.Self, gives(solves), nil, short},
		{api.RouteSolveCancel, actor.Self, named("id", cancelSolve), nil, short},
		{api.RouteMessages, actor.Self, gives(messages), nil, short},
		{api.RouteMessagesRead, actor.Self, takes(readMessages), nil, short},
		{api.RouteSettings, actor.Self, gives(settings), nil, short},
		{api.RouteSettingsSet, actor.Self, takes(changeSettings), nil, short},
		{api.RoutePolicy, actor.Anyone, s.policy, nil, short},
		{api.RouteDoctor, actor.Self, gives(doctor), nil, short},
		{api.RouteLogs, actor.Self, readLogs, nil, short},
	}
}

// newMux refuses to build on a table with a hole in it.
func (s *Server) newMux(table []route) *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range table {
		if !r.access.Valid() {
			panic(fmt.Sprintf("server: route %q does not say who may call it", r.pattern))
		}
		if (r.do == nil) == (r.upgrade == nil) {
			panic(fmt.Sprintf("server: route %q needs one of do and upgrade", r.pattern))
		}
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, q *http.Request) { s.enter(w, q, r) })
	}
	return mux
}
