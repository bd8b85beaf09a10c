package api

// AccountState is where a user's account stands.
type AccountState string

// The states of an account.
const (
	AccountSignedOut AccountState = "signed_out"
	AccountSigningIn AccountState = "signing_in"
	AccountSignedIn  AccountState = "signed_in"
	AccountExpired   AccountState = "expired"
)

// Account is who is signed in.
type Account struct {
	State       AccountState `json:"state"`
	Marketplace string       `json:"marketplace"` // base URL
	UserID      string       `json:"userId,omitempty"`
	UserName    string       `json:"userName,omitempty"`
	Name        string       `json:"name,omitempty"` // for people
	Tenant      string       `json:"tenant,omitempty"`
	TenantName  string       `json:"tenantName,omitempty"`
	// Online tells whether the marketplace answers.
	Online bool `json:"online"`
}

// LoginBegin starts an authorization code flow. The listener behind
// RedirectURI is the caller's own (http://127.0.0.1:<port>/<path>).
type LoginBegin struct {
	RedirectURI string `json:"redirectUri"`
}

// LoginBegun is where the user's browser has to go. The PKCE verifier stays
// in the service.
type LoginBegun struct {
	URL   string `json:"url"`
	State string `json:"state"`
}

// LoginComplete hands back what the browser brought.
type LoginComplete struct {
	State string `json:"state"`
	Code  string `json:"code"`
}

// LoginCancel gives up a login that was begun: the State of a LoginBegun, or the
// ID of a DeviceLogin.
type LoginCancel struct {
	State  string `json:"state,omitempty"`
	Device string `json:"device,omitempty"`
}

// DeviceLogin is a login on a machine without a browser: the user opens
// VerificationURI anywhere and types UserCode.
type DeviceLogin struct {
	ID              string `json:"id"`
	UserCode        string `json:"userCode"`
	VerificationURI string `json:"verificationUri"`
	CompleteURI     string `json:"completeUri,omitempty"`
	ExpiresAt       int64  `json:"expiresAt"` // Unix seconds
}
