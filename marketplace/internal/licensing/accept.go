package licensing

import (
	"context"
	"errors"
	"net/http"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
)

// accept decides an event by the vendor's upload. The same upload again is a
// success without effect; another one for a granted event is a renewal.
func (s *Service) accept(ctx context.Context, v Vendor, id string, u upload) (reply, error) {
	var e event
	var i instance
	err := s.DB.Read(ctx, func(tx database.Tx) (err error) {
		if e, err = eventByID(ctx, tx, id); err != nil {
			return err
		}
		i, err = instanceByID(ctx, tx, e.Instance)
		return err
	})
	if errors.Is(err, fault.NotFound) {
		return uploadReply(http.StatusOK, isv.CodeApplyInvalid, "license apply invalid"), nil
	}
	if err != nil {
		return reply{}, err
	}
	if refusal, ok := acceptable(e, i, v.ID, u); !ok {
		return refusal, nil
	}
	success := uploadReply(http.StatusOK, isv.CodeOK, "success")
	if e.State == stateGranted && e.same(u) {
		return success, nil
	}
	key, err := s.put(ctx, id, u)
	if err != nil {
		return reply{}, err
	}
	err = s.write(ctx, func(w *work) error { return s.grant(ctx, w, id, u, key) })
	if errors.Is(err, errSuperseded) {
		return uploadReply(http.StatusOK, isv.CodeApplyInvalid, "license apply invalid"), nil
	}
	return success, err
}

var errSuperseded = errors.New("another application took the place of this event")

// acceptable tells whether an event takes an upload at all.
func acceptable(e event, i instance, vendor string, u upload) (reply, bool) {
	switch {
	case i.Vendor != vendor:
		return uploadReply(http.StatusForbidden, isv.CodeIllegal, "Illegal operation"), false
	case i.State == stateReleased || i.State == stateFailed:
		return uploadReply(http.StatusOK, isv.CodeResourceInvalid, "License resource invalid"), false
	case e.State == stateRefused && e.Reason != string(fault.LicenseUndecided):
		return uploadReply(http.StatusOK, isv.CodeApplyDenied, "License apply has been denied."), false
	case e.Kind == "string" && u.characters == "":
		return uploadReply(http.StatusOK, isv.CodeFormat, "Invalid license format."), false
	}
	return reply{}, true
}

func (e event) same(u upload) bool {
	return e.SHA256 == u.sha256 && e.Characters == u.characters && e.FileName == u.fileName
}

// grant writes an upload into its event. The vendor may be late: an event that
// was given up is granted all the same, unless the user has applied anew.
func (s *Service) grant(ctx context.Context, w *work, id string, u upload, key string) error {
	e, err := eventByID(ctx, w, id)
	if err != nil {
		return err
	}
	if e.State == stateRefused && e.Reason != string(fault.LicenseUndecided) {
		return errSuperseded
	}
	var others int
	err = w.QueryRow(ctx, `SELECT count(*) FROM license_event WHERE slot = ? AND id <> ?`, e.slot(), id).Scan(&others)
	if err != nil {
		return err
	}
	if others > 0 {
		return errSuperseded
	}
	if e.State == stateGranted && e.same(u) {
		return nil // the same upload, at the same time
	}
	_, err = w.Exec(ctx, `UPDATE license_event SET state = 'granted', slot = ?, reason = '', reason_params = '', updated = ?,
		characters = ?, file_name = ?, size = ?, sha256 = ?, object = ? WHERE id = ?`,
		e.slot(), database.Millis(s.now()), u.characters, u.fileName, u.size, u.sha256, key, id)
	if err != nil {
		return err
	}
	if _, err := w.Exec(ctx, `DELETE FROM vendor_job WHERE event = ?`, id); err != nil {
		return err
	}
	if e.Object != "" && e.Object != key {
		w.after = append(w.after, func() { _ = s.Objects.Delete(ctx, e.Object) })
	}
	w.decided(e)
	return nil
}
