package account

import (
	"encoding/json"
	"time"

	"golang.org/x/oauth2"

	"iscdesk.dev/marketplace/agentapi"
)

// kept is what rests sealed: who is signed in, and his tokens. An expired
// login keeps who it was and no token.
type kept struct {
	Marketplace string    `json:"marketplace"`
	Access      string    `json:"access,omitempty"`
	Refresh     string    `json:"refresh,omitempty"`
	Since       time.Time `json:"since"` // when the access token came, and when it ends, by this machine's clock
	Until       time.Time `json:"until"`
	Expired     bool      `json:"expired,omitempty"`
	UserID      string    `json:"userId"`
	UserName    string    `json:"userName"`
	Name        string    `json:"name"`
	Tenant      string    `json:"tenant"`
	TenantName  string    `json:"tenantName"`
}

// The lifetime of an access token that does not tell its own, and the bounds
// of one that does.
const (
	lifetimeUnknown = 10 * time.Minute
	lifetimeLeast   = 30 * time.Second
	lifetimeMost    = 24 * time.Hour
)

// withTokens gives a copy with what the token endpoint answered. A refresh
// token that is not repeated stays.
func (k kept) withTokens(t *oauth2.Token, now time.Time) *kept {
	life := lifetimeUnknown
	if t.ExpiresIn > 0 {
		life = min(max(time.Duration(min(t.ExpiresIn, int64(lifetimeMost/time.Second)))*time.Second, lifetimeLeast), lifetimeMost)
	}
	k.Since = now.Round(0) // the wall clock: the monotonic one stands still while a laptop sleeps
	k.Access, k.Until, k.Expired = t.AccessToken, k.Since.Add(life), false
	if t.RefreshToken != "" {
		k.Refresh = t.RefreshToken
	}
	return &k
}

func (k kept) withUser(me agentapi.Me) kept {
	k.UserID, k.UserName, k.Name, k.Tenant, k.TenantName = me.ID, me.UserName, me.Name, me.Tenant, me.TenantName
	return k
}

// load reads the store; nil means that nobody is signed in.
func (e *Engine) load() *kept {
	content, err := e.config.Store.Load()
	if err != nil {
		e.config.Log.Warn("the kept login cannot be used; sign in again", "error", err)
		return nil
	}
	if content == nil {
		return nil
	}
	var k kept
	if json.Unmarshal(content, &k) != nil || k.UserID == "" || !k.Expired && (k.Access == "" || k.Refresh == "") {
		e.config.Log.Warn("the kept login is of another form; sign in again")
		return nil
	}
	if k.Marketplace != e.base {
		e.config.Log.Warn("the kept login is for another marketplace; sign in again", "kept", k.Marketplace, "configured", e.base)
		return nil
	}
	return &k
}

// keep writes k to the store. e.saving is held.
func (e *Engine) keep(k *kept) error {
	content, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return e.config.Store.Save(content)
}
