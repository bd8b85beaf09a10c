package licensing

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
)

// The states of an application for a licence.
const (
	statePending = "pending"
	stateGranted = "granted"
	stateRefused = "refused"
)

// maxFingerprint is the length of the vendors' field, in characters.
const maxFingerprint = 1024

// event is an application for a licence. Its id is the eventId that the
// vendor knows.
type event struct {
	ID, Instance, User, Product, Kind, Fingerprint string
	State, Reason, Params                          string
	Created                                        time.Time
	Characters, FileName, SHA256, Object           string
	Size                                           int64
	Expires                                        time.Time // the instance's
}

const selectEvent = `SELECT e.id, e.instance, e.user_id, e.product, e.kind, e.fingerprint, e.state, e.reason, e.reason_params, e.created,
	e.characters, e.file_name, e.sha256, e.object, e.size, i.expires FROM license_event e JOIN instance i ON i.id = e.instance `

func scanEvent(row interface{ Scan(...any) error }) (event, error) {
	var e event
	var created, expires int64
	err := row.Scan(&e.ID, &e.Instance, &e.User, &e.Product, &e.Kind, &e.Fingerprint, &e.State, &e.Reason, &e.Params, &created,
		&e.Characters, &e.FileName, &e.SHA256, &e.Object, &e.Size, &expires)
	e.Created, e.Expires = database.Time(created), database.Time(expires)
	return e, err
}

func eventByID(ctx context.Context, tx database.Tx, id string) (event, error) {
	e, err := scanEvent(tx.QueryRow(ctx, selectEvent+`WHERE e.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return event{}, fault.New(fault.NotFound, "what", id)
	}
	return e, err
}

// slot identifies an application: while one of the same slot is pending or
// granted, it is that one that is meant.
func (e event) slot() string {
	h := sha256.New()
	for _, part := range []string{e.Instance, e.User, e.Kind, e.Fingerprint} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Apply applies for a licence for a user, or finds his application.
func (s *Service) Apply(ctx context.Context, user string, a agentapi.LicenseApplication) (agentapi.LicenseDecision, error) {
	if err := checkApplication(a); err != nil {
		return agentapi.LicenseDecision{}, err
	}
	var found event
	err := s.write(ctx, func(w *work) error {
		list, err := assigned(ctx, w, user, a.Product)
		if err != nil {
			return err
		}
		i, err := choose(a.Product, list, s.now())
		if err != nil {
			return err
		}
		e := event{Instance: i.ID, User: user, Product: i.Product, Kind: string(a.Kind), Fingerprint: a.DeviceFingerprint}
		found, err = scanEvent(w.QueryRow(ctx, selectEvent+`WHERE e.slot = ?`, e.slot()))
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		e.ID, e.State, e.Reason, e.Created, e.Expires = newID("evt-"), statePending, string(fault.LicensePending), s.now(), i.Expires
		found = e
		return s.insertEvent(ctx, w, e)
	})
	if err != nil {
		return agentapi.LicenseDecision{}, err
	}
	s.nudge()
	return found.decision()
}

func checkApplication(a agentapi.LicenseApplication) error {
	invalid := func(argument, reason string) error {
		return fault.New(fault.InvalidArgument, "argument", argument, "reason", reason)
	}
	switch {
	case !a.Kind.Valid():
		return invalid("kind", "neither string nor file")
	case !validProduct(a.Product):
		return invalid("product", "not a product's id")
	case !utf8.ValidString(a.DeviceFingerprint) || utf8.RuneCountInString(a.DeviceFingerprint) > maxFingerprint:
		return invalid("deviceFingerprint", fmt.Sprintf("longer than %d characters", maxFingerprint))
	}
	return nil
}

func (s *Service) insertEvent(ctx context.Context, tx database.Tx, e event) error {
	_, err := tx.Exec(ctx, `INSERT INTO license_event (id, instance, user_id, product, kind, fingerprint, slot, state, reason, reason_params,
		created, updated, characters, file_name, size, sha256, object, verdict, verdict_message)
		VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', 'license_pending', '', ?, ?, '', '', 0, '', '', '', '')`,
		e.ID, e.Instance, e.User, e.Product, e.Kind, e.Fingerprint, e.slot(), database.Millis(e.Created), database.Millis(e.Created))
	if err != nil {
		return err
	}
	return s.queue(ctx, tx, job{
		ID: "get:" + e.ID, Kind: jobGet, Lane: "get:" + e.ID, Instance: e.Instance, Event: e.ID,
		Deadline: e.Created.Add(s.Timing.RetryFor),
	})
}

// Decision tells a user how his application stands.
func (s *Service) Decision(ctx context.Context, user, id string) (agentapi.LicenseDecision, error) {
	e, err := s.ownEvent(ctx, user, id)
	if err != nil {
		return agentapi.LicenseDecision{}, err
	}
	return e.decision()
}

// ownEvent finds an event of the user; another's does not exist for him.
func (s *Service) ownEvent(ctx context.Context, user, id string) (event, error) {
	var e event
	err := s.DB.Read(ctx, func(tx database.Tx) (err error) {
		e, err = eventByID(ctx, tx, id)
		return err
	})
	if err == nil && e.User != user {
		err = fault.New(fault.NotFound, "what", id)
	}
	return e, err
}

func (e event) decision() (agentapi.LicenseDecision, error) {
	d := agentapi.LicenseDecision{
		EventID: e.ID, Product: e.Product, Instance: e.Instance, Kind: agentapi.LicenseDecisionKind(e.Kind),
		State: agentapi.LicenseDecisionState(e.State), ExpireTime: e.Expires,
	}
	switch {
	case e.State == stateGranted && d.Kind == agentapi.LicenseDecisionKindString:
		d.Characters = e.Characters
	case e.State == stateGranted:
		d.FileName, d.Size, d.Sha256 = e.FileName, e.Size, e.SHA256
	default:
		d.Reason.Code = e.Reason
		if e.Params != "" {
			return d, json.Unmarshal([]byte(e.Params), &d.Reason.Params)
		}
	}
	return d, nil
}

// Verdict records what the application said of its licence.
func (s *Service) Verdict(ctx context.Context, user, id string, v agentapi.Verdict) error {
	e, err := s.ownEvent(ctx, user, id)
	if err != nil {
		return err
	}
	if len(v.Message) > maxFingerprint {
		return fault.New(fault.InvalidArgument, "argument", "message", "reason", "too long")
	}
	verdict := "rejected"
	if v.Accepted {
		verdict = "accepted"
	}
	return s.write(ctx, func(w *work) error {
		_, err := w.Exec(ctx, `UPDATE license_event SET verdict = ?, verdict_message = ?, updated = ? WHERE id = ?`,
			verdict, v.Message, database.Millis(s.now()), e.ID)
		return err
	})
}

// refuse ends an application. A later one is a new event.
func (s *Service) refuse(ctx context.Context, w *work, e event, reason *fault.Error) error {
	params, err := json.Marshal(reason.Params)
	if err != nil {
		return err
	}
	_, err = w.Exec(ctx, `UPDATE license_event SET state = 'refused', slot = NULL, reason = ?, reason_params = ?, updated = ? WHERE id = ?`,
		string(reason.Code), string(params), database.Millis(s.now()), e.ID)
	w.decided(e)
	return err
}

// refuseAll refuses what is pending or granted of an instance.
func (s *Service) refuseAll(ctx context.Context, w *work, instance string, reason *fault.Error) error {
	ids, err := texts(ctx, w, `SELECT id FROM license_event WHERE instance = ? AND state <> 'refused'`, instance)
	if err != nil {
		return err
	}
	for _, id := range ids {
		e, err := eventByID(ctx, w, id)
		if err != nil {
			return err
		}
		if err := s.refuse(ctx, w, e, reason); err != nil {
			return err
		}
		if _, err := w.Exec(ctx, `DELETE FROM vendor_job WHERE event = ?`, id); err != nil {
			return err
		}
	}
	return nil
}
