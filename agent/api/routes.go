package api

// Host is the only Host header that the local API answers.
const Host = "iscdesk.local"

// The routes of the local API: HTTP on the local socket, JSON both ways, an
// Error as the body of every status from 400 on.
const (
	RouteSession       = "GET /v1/session" // Upgrade: iscdesk-session/1
	RouteWatch         = "GET /v1/watch"   // WebSocket of WatchMessage
	RouteService       = "GET /v1/service" // → ServiceInfo, for anyone
	RouteState         = "GET /v1/state"   // State
	RouteLoginBegin    = "POST /v1/login"  // LoginBegin → LoginBegun
	RouteLoginComplete = "POST /v1/login/complete"
	RouteLoginCancel   = "POST /v1/login/cancel"            // LoginCancel: it was given up
	RouteDeviceBegin   = "POST /v1/login/device"            // → DeviceLogin
	RouteDeviceAwait   = "POST /v1/login/device/{id}/await" // → Account, when decided
	RouteLogout        = "POST /v1/logout"
	RouteLicenses      = "GET /v1/licenses"       // → []License
	RouteList          = "GET /v1/files"          // ?path= → Listing
	RouteHistory       = "GET /v1/files/history"  // ?path= → []Version
	RouteSearch        = "GET /v1/files/search"   // ?q=&path= → Listing
	RouteRecent        = "GET /v1/files/recent"   // → []Recent
	RouteTrashed       = "GET /v1/files/trash"    // ?path= → Trashed
	RouteTrash         = "POST /v1/files/trash"   // PathRef → TrashedDocument
	RouteUntrash       = "POST /v1/files/untrash" // Untrash → Entry
	RouteFolder        = "POST /v1/files/folder"  // PathRef
	RouteRestore       = "POST /v1/files/restore"
	RouteCheckout      = "POST /v1/files/checkout" // PathRef → Entry
	RouteCheckin       = "POST /v1/files/checkin"  // PathRef → Entry
	RoutePicks         = "GET /v1/picks"
	RoutePickAnswer    = "POST /v1/picks/{id}" // PickAnswer
	RouteTransfers     = "GET /v1/transfers"
	RouteTransferRetry = "POST /v1/transfers/{id}/retry"
	RouteTransferMove  = "POST /v1/transfers/{id}/redirect" // Redirect
	RouteTransferDrop  = "POST /v1/transfers/{id}/discard"
	RouteUploadsPause  = "POST /v1/transfers/pause" // Uploads
	RouteConflicts     = "GET /v1/conflicts"        // → []Conflict
	RouteConflictEnd   = "POST /v1/conflicts/{id}"  // ConflictAnswer
	RouteApps          = "GET /v1/apps"
	RouteAppInstall    = "POST /v1/apps/{product}/install"
	RouteAppUninstall  = "POST /v1/apps/{product}/uninstall"
	RouteAppAnswer     = "POST /v1/apps/answer" // UserUpgradeAnswer
	RouteSolves        = "GET /v1/solves"
	RouteSolveCancel   = "POST /v1/solves/{id}/cancel"
	RouteMessages      = "GET /v1/messages"       // → []Message
	RouteMessagesRead  = "POST /v1/messages/read" // MessagesRead
	RouteSettings      = "GET /v1/settings"       // → Settings
	RouteSettingsSet   = "PUT /v1/settings"       // SettingsChange → Settings
	RoutePolicy        = "GET /v1/policy"         // → Policy
	RouteDoctor        = "GET /v1/doctor"         // → []Check
	RouteLogs          = "GET /v1/logs"           // → Logs
)

// SessionUpgrade is the value of the Upgrade header of RouteSession.
const SessionUpgrade = "iscdesk-session/1"
