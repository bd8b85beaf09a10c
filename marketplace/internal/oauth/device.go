package oauth

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/web"
)

// deviceBegun is the answer of the device authorization endpoint (RFC 8628).
type deviceBegun struct {
	DeviceCode              string `json:"device_code"`
	UserCode                string `json:"user_code"`
	VerificationURI         string `json:"verification_uri"`
	VerificationURIComplete string `json:"verification_uri_complete"`
	ExpiresIn               int    `json:"expires_in"` // seconds
	Interval                int    `json:"interval"`   // seconds
}

// deviceAuthorization begins a login on a machine without a browser.
func (s *Server) deviceAuthorization(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	answer := deviceBegun{
		DeviceCode: newSecret(), UserCode: newUserCode(), VerificationURI: s.baseURL(r) + "/device",
		ExpiresIn: int(s.config.DeviceLifetime.Seconds()), Interval: int(s.config.DeviceInterval.Seconds()),
	}
	answer.VerificationURIComplete = answer.VerificationURI + "?user_code=" + url.QueryEscape(answer.UserCode)
	_, err := s.exchange(r.Context(), r, func(ctx context.Context, e *exchange) error {
		if e.client.RedirectURI != "" {
			return refuse("unauthorized_client", "This client signs in with a browser")
		}
		if _, err := e.tx.Exec(ctx, `DELETE FROM device WHERE expires <= ?`, database.Millis(e.now.Add(-time.Hour))); err != nil {
			return err
		}
		_, err := e.tx.Exec(ctx, `INSERT INTO device (hash, user_code, client, expires, gap) VALUES (?, ?, ?, ?, ?)`,
			digest(answer.DeviceCode), plainCode(answer.UserCode), e.client.ID,
			database.Millis(e.now.Add(s.config.DeviceLifetime)), s.config.DeviceInterval.Milliseconds())
		return err
	})
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, answer)
}

// userCodeLetters make no words and are not mistaken for each other.
const userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"

func newUserCode() string {
	var b strings.Builder
	for i := range 8 {
		if i == 4 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(userCodeLetters))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		b.WriteByte(userCodeLetters[n.Int64()])
	}
	return b.String()
}

// plainCode is a user code as people may type it.
func plainCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(userCodeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
}

// deviceFacts is what is known of a device code that is polled for.
type deviceFacts struct {
	client           string
	expires, polled  time.Time
	gap              time.Duration
	allowed, denied  bool
	redeemed         time.Time
	account, granted string
}

// deviceStep is what to do with it.
type deviceStep int

const (
	deviceInvalid deviceStep = iota
	deviceExpired
	deviceTooFast
	devicePending
	deviceRefused
	deviceGive
	deviceRepeat
)

// decideDevice: the tokens are given once, and once more to a machine that
// lost the answer and asks again soon.
func decideDevice(f deviceFacts, client string, now time.Time, window time.Duration) deviceStep {
	switch {
	case f.client != client:
		return deviceInvalid
	case !f.redeemed.IsZero() && now.Sub(f.redeemed) <= window:
		return deviceRepeat
	case !f.redeemed.IsZero():
		return deviceInvalid
	case !f.expires.After(now):
		return deviceExpired
	case f.denied:
		return deviceRefused
	case f.allowed:
		return deviceGive
	case now.Sub(f.polled) < f.gap:
		return deviceTooFast
	default:
		return devicePending
	}
}

// slowDown is what a machine that polls too fast has to wait longer.
const slowDown = 5 * time.Second

// redeemDevice answers a poll.
func (e *exchange) redeemDevice(ctx context.Context, form url.Values) (tokens, error) {
	presented := form.Get("device_code")
	found, err := e.deviceFacts(ctx, presented)
	if errors.Is(err, sql.ErrNoRows) {
		return tokens{}, refuse("invalid_grant", "Invalid device code")
	}
	if err != nil {
		return tokens{}, err
	}
	switch decideDevice(found, e.client.ID, e.now, e.config.RepeatWindow) {
	case deviceExpired:
		return tokens{}, refuse("expired_token", "The device code has expired")
	case deviceRefused:
		return tokens{}, refuse("access_denied", "The user denied the request")
	case deviceTooFast:
		return tokens{}, after(e.polled(ctx, presented, found.gap+slowDown), refuse("slow_down", "Polled too fast"))
	case devicePending:
		return tokens{}, after(e.polled(ctx, presented, found.gap), refuse("authorization_pending", "The user has not decided yet"))
	case deviceRepeat:
		return e.reissue(ctx, presented)
	case deviceGive:
		return e.giveDevice(ctx, presented, found.account)
	default:
		return tokens{}, refuse("invalid_grant", "Invalid device code")
	}
}

func (e *exchange) giveDevice(ctx context.Context, presented, account string) (tokens, error) {
	grant, err := e.newGrant(ctx, account)
	if err != nil {
		return tokens{}, err
	}
	if _, err := e.tx.Exec(ctx, `UPDATE device SET redeemed = ?, access_grant = ? WHERE hash = ?`,
		database.Millis(e.now), grant, digest(presented)); err != nil {
		return tokens{}, err
	}
	return e.issue(ctx, grant, presented)
}

func (e *exchange) polled(ctx context.Context, presented string, gap time.Duration) error {
	_, err := e.tx.Exec(ctx, `UPDATE device SET polled = ?, gap = ? WHERE hash = ?`,
		database.Millis(e.now), gap.Milliseconds(), digest(presented))
	return err
}

func (e *exchange) deviceFacts(ctx context.Context, presented string) (deviceFacts, error) {
	var (
		found                                  deviceFacts
		expires, polled, gap, denied, redeemed int64
		account, granted                       sql.NullString
	)
	err := e.tx.QueryRow(ctx, `SELECT client, expires, polled, gap, account, denied, redeemed, access_grant FROM device WHERE hash = ?`, digest(presented)).
		Scan(&found.client, &expires, &polled, &gap, &account, &denied, &redeemed, &granted)
	found.expires, found.polled, found.redeemed = database.Time(expires), database.Time(polled), database.Time(redeemed)
	found.gap = time.Duration(gap) * time.Millisecond
	found.allowed, found.account = account.Valid, account.String
	found.denied, found.granted = denied != 0, granted.String
	return found, err
}
