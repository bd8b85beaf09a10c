package license

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

const (
	// callPatience is how long the marketplace may take for one answer before
	// the application is told that it has to wait.
	callPatience = 15 * time.Second
	// filePatience bounds the transfer of a licence file.
	filePatience = 2 * time.Minute
	maxFile      = 8 << 20
	maxContent   = 512 << 10
	// maxFingerprint is what the marketplace's field takes, in characters.
	maxFingerprint = 1024
)

// granted is a decision with all that belongs to it.
type granted struct {
	decision agentapi.LicenseDecision
	file     []byte
}

// ask asks the marketplace about a request and records what it says.
func (e *Engine) ask(ctx context.Context, r request) {
	e.wasDecided(r.application) // whatever was pushed before is in the answer
	decision, err := e.consult(ctx, r)
	if ctx.Err() != nil {
		return // we are stopping; nothing was learnt
	}
	if err == nil && decision.State == agentapi.Granted {
		var g granted
		if g, err = e.complete(ctx, r, decision); err == nil {
			err = e.keepGrant(ctx, r, g)
			e.logOn(err, "a granted licence could not be kept")
			return
		}
	}
	update := e.verdictOn(r, decision, err)
	// Whatever made the request due while the marketplace was being asked came
	// later than its answer: then it is asked again at once.
	_, err = e.config.DB.ExecContext(ctx, `UPDATE license_request SET application = ?, state = ?, reason = ?, attempts = attempts + 1,
		due = CASE WHEN hints = ? THEN ? ELSE 0 END, updated = ? WHERE id = ? AND account = ?`,
		update.application, update.state, encodeReason(update.reason), r.hints, update.due.UnixMilli(), e.now().UnixMilli(), r.id, r.account)
	if err == nil && update.state == api.LicensePendingState && e.wasDecided(update.application) {
		err = e.hint(ctx, update.application) // the push overtook the answer
	}
	e.logOn(err, "the state of a licence request could not be recorded")
}

// consult applies, or asks how the application stands.
func (e *Engine) consult(ctx context.Context, r request) (agentapi.LicenseDecision, error) {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	if r.application != "" {
		return e.config.Market.LicenseDecision(ctx, r.application)
	}
	return e.config.Market.RequestLicense(ctx, e.applicationOf(ctx, r.product, r.version, r.kind, r.device, r.trial))
}

func (e *Engine) applicationOf(ctx context.Context, product, version string, kind api.LicenseKind, device string, trial bool) agentapi.LicenseApplication {
	if device == "" {
		var err error
		if device, err = e.config.Fingerprint(ctx); err != nil {
			e.log.Warn("the machine's fingerprint could not be read; the vendor may refuse", "error", err)
		}
	}
	if cut := []rune(device); len(cut) > maxFingerprint {
		device = string(cut[:maxFingerprint])
	}
	return agentapi.LicenseApplication{
		Product: product, ProductVersion: version, Kind: agentapi.LicenseApplicationKind(kind), DeviceFingerprint: device, Trial: trial,
	}
}

// verdictOn derives how a request stands after an answer that is no grant.
func (e *Engine) verdictOn(r request, decision agentapi.LicenseDecision, err error) request {
	now := e.now()
	switch {
	case err != nil:
		r.reason = trouble(err)
		if final(r.reason) {
			r.state = api.LicenseRefused
			return r
		}
		if errors.Is(r.reason, api.NotFound) {
			r.application = "" // the marketplace does not know it any more: apply anew
		}
		r.due = now.Add(jittered(growing(pauseFirst, pauseMost, r.attempts)))
	case decision.State == agentapi.Refused:
		r.application, r.state, r.reason = decision.EventID, api.LicenseRefused, reasonOf(decision)
	default:
		r.application, r.reason = decision.EventID, reasonOf(decision)
		r.due = now.Add(jittered(growing(pollFirst, pollMost, r.attempts)))
	}
	return r
}

// complete checks a grant and fetches the file that belongs to it.
func (e *Engine) complete(ctx context.Context, r request, d agentapi.LicenseDecision) (granted, error) {
	switch {
	case d.EventID == "" || string(d.Kind) != string(r.kind):
		return granted{}, api.Fail(api.MarketplaceFailed, "status", "a grant of another kind")
	case r.kind == api.LicenseString && len(d.Characters) > maxContent, d.Size > maxFile:
		return granted{}, api.Fail(api.TooLarge, "what", "the licence", "limit", strconv.Itoa(maxFile))
	case r.kind == api.LicenseString:
		return granted{decision: d}, nil
	}
	d.FileName, d.Characters, d.Sha256 = safeName(d.FileName), "", strings.ToLower(d.Sha256)
	file, err := e.fetch(ctx, d)
	return granted{decision: d, file: file}, err
}

func (e *Engine) fetch(ctx context.Context, d agentapi.LicenseDecision) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, filePatience)
	defer cancel()
	body, err := e.config.Market.LicenseFile(ctx, d.EventID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }() // nothing was written
	content, err := io.ReadAll(io.LimitReader(body, d.Size+1))
	if err != nil {
		return nil, api.Fail(api.Offline).Because(err)
	}
	sum := sha256.Sum256(content)
	if int64(len(content)) != d.Size || hex.EncodeToString(sum[:]) != d.Sha256 {
		return nil, api.Fail(api.ContentDamaged, "what", d.FileName).Because(fmt.Errorf("%d bytes of %d", len(content), d.Size))
	}
	return content, nil
}

// safeName makes a plain file name of what the vendor called his licence: the
// application's user writes it.
func safeName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune(`<>:"/|?*`, c) {
			return '_'
		}
		return c
	}, name)
	name = strings.Trim(name, " .")
	if name == "" || len(name) > 200 {
		return "license.lic"
	}
	return name
}

// keepGrant records a grant: the request is decided, and the answer is kept
// for the next start.
func (e *Engine) keepGrant(ctx context.Context, r request, g granted) error {
	d, now := g.decision, e.now().UnixMilli()
	return store.InTx(ctx, e.config.DB, func(tx *sql.Tx) error {
		changed, err := tx.Exec(`UPDATE license_request SET application = ?, state = 'granted', reason = '', updated = ? WHERE id = ? AND account = ? AND state = 'pending'`,
			d.EventID, now, r.id, r.account)
		if err != nil {
			return err
		}
		if n, err := changed.RowsAffected(); err != nil || n == 0 {
			return err // its user has signed out in the meantime
		}
		return putKept(tx, kept{
			account: r.account, product: r.product, kind: r.kind, device: r.device, version: r.version,
		}, g, now)
	})
}

// putKept writes a grant over what was kept under the same key.
func putKept(tx *sql.Tx, k kept, g granted, now int64) error {
	d := g.decision
	if k.kind == api.LicenseFile {
		if _, err := tx.Exec(`INSERT INTO license_file (sha256, content) VALUES (?, ?) ON CONFLICT DO NOTHING`, d.Sha256, g.file); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO license_kept (account, product, kind, device, version, event, instance, content, file_name, size, sha256, status, expires, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', ?, ?)
		ON CONFLICT (account, product, kind, device) DO UPDATE SET version = excluded.version, event = excluded.event, instance = excluded.instance,
			content = excluded.content, file_name = excluded.file_name, size = excluded.size, sha256 = excluded.sha256,
			status = 'active', expires = excluded.expires, stale = 0, attempts = 0, due = 0, updated = excluded.updated`,
		k.account, k.product, k.kind, k.device, k.version, d.EventID, d.Instance, d.Characters, d.FileName, d.Size, d.Sha256, seconds(d.ExpireTime), now)
	return err
}

// seconds gives Unix seconds; 0 for no time.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// logOn reports that the database failed. The loop then rests for a while, so
// that what could not be recorded is not done over and over.
func (e *Engine) logOn(err error, what string) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	e.log.Error(what, "error", err)
	e.mu.Lock()
	e.stumbled = true
	e.mu.Unlock()
}
