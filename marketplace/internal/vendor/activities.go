package vendor

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/isv"
)

const (
	active   = "ACTIVE"
	released = "RELEASED"
)

// act does what a verified call asks for. Every activity may come again and
// then has no further effect.
func (s *Server) act(ctx context.Context, c isv.Call, k Knobs) (isv.Answer, error) {
	switch c.Activity {
	case isv.ActivityNewInstance:
		return s.newInstance(ctx, c)
	case isv.ActivityGetLicense:
		return s.getLicense(ctx, c, k)
	}
	answer := isv.Answer{ResultCode: isv.ResultSuccess}
	err := s.db.Write(ctx, func(tx database.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM instance WHERE id = ?`, c.InstanceID).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			answer.ResultCode, answer.ResultMsg = isv.ResultInstanceUnknown, "unknown instance"
			return nil
		}
		switch c.Activity {
		case isv.ActivityRefreshInstance:
			return s.refresh(ctx, tx, c)
		case isv.ActivityUpdateStatus:
			state := c.Status
			if state == isv.StatusUnfreeze {
				state = active
			}
			_, err := tx.Exec(ctx, `UPDATE instance SET state = ? WHERE id = ? AND state <> 'RELEASED'`, state, c.InstanceID)
			return err
		default:
			_, err := tx.Exec(ctx, `UPDATE instance SET state = ? WHERE id = ?`, released, c.InstanceID)
			return err
		}
	})
	return answer, err
}

// newInstance makes the instance of an order line; the same line has the same.
// Which product it is, only the order tells.
func (s *Server) newInstance(ctx context.Context, c isv.Call) (isv.Answer, error) {
	order, err := s.queryOrder(ctx, c.OrderID, c.OrderLineID)
	if err != nil {
		return isv.Answer{}, err
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	id := "isv-" + hex.EncodeToString(b[:])
	err = s.db.Write(ctx, func(tx database.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO instance (id, order_id, order_line, product, state, expires) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id, c.OrderID, c.OrderLineID, order.OrderLine[0].ProductInfo[0].ProductID, active, order.OrderLine[0].ExpireTime); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT id FROM instance WHERE order_id = ? AND order_line = ?`, c.OrderID, c.OrderLineID).Scan(&id)
	})
	return isv.Answer{ResultCode: isv.ResultSuccess, InstanceID: id}, err
}

// getLicense issues the licence of an event; the same event has the same.
func (s *Server) getLicense(ctx context.Context, c isv.Call, k Knobs) (isv.Answer, error) {
	answer := isv.Answer{ResultCode: isv.ResultSuccess}
	expires, err := isv.ParseLicenseTime(c.ExpireTime)
	if err != nil {
		return isv.Answer{ResultCode: isv.ResultInvalidParameter, ResultMsg: "expireTime"}, nil
	}
	if c.DeviceFingerprint == "" {
		return isv.Answer{ResultCode: isv.ResultFingerprintRequired, ResultMsg: "deviceFingerprint is needed"}, nil
	}
	err = s.db.Write(ctx, func(tx database.Tx) error {
		var product, state string
		err := tx.QueryRow(ctx, `SELECT product, state FROM instance WHERE id = ?`, c.InstanceID).Scan(&product, &state)
		if errors.Is(err, sql.ErrNoRows) || state == released {
			answer.ResultCode, answer.ResultMsg = isv.ResultInstanceUnknown, "unknown instance"
			return nil
		}
		if err != nil {
			return err
		}
		content, err := Issue(License{
			Product: product, Instance: c.InstanceID, Event: c.EventID, Fingerprint: c.DeviceFingerprint,
			Issued: s.Now().Unix(), Expires: seconds(expires),
		}, s.key)
		if err != nil {
			return err
		}
		// A repeated call finds its licence and has it uploaded again: the first
		// upload may have been lost.
		_, err = tx.Exec(ctx, `INSERT INTO license (event, instance, fingerprint, content, due, uploaded) VALUES (?, ?, ?, ?, ?, 0)
			ON CONFLICT (event) DO UPDATE SET uploaded = 0`,
			c.EventID, c.InstanceID, c.DeviceFingerprint, content, database.Millis(s.Now().Add(k.uploadDelay())))
		return err
	})
	return answer, err
}

// refresh extends the instance and issues its licences anew, once per end.
func (s *Server) refresh(ctx context.Context, tx database.Tx, c isv.Call) error {
	expires, err := isv.ParseOrderTime(c.ExpireTime)
	if err != nil {
		return err
	}
	var before, product string
	if err := tx.QueryRow(ctx, `SELECT expires, product FROM instance WHERE id = ?`, c.InstanceID).Scan(&before, &product); err != nil || before == c.ExpireTime {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE instance SET expires = ? WHERE id = ?`, c.ExpireTime, c.InstanceID); err != nil {
		return err
	}
	issued, err := s.issued(ctx, tx, c.InstanceID)
	if err != nil {
		return err
	}
	for event, fingerprint := range issued {
		content, err := Issue(License{
			Product: product, Instance: c.InstanceID, Event: event, Fingerprint: fingerprint,
			Issued: s.Now().Unix(), Expires: seconds(expires),
		}, s.key)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE license SET content = ?, uploaded = 0, due = 0 WHERE event = ?`, content, event); err != nil {
			return err
		}
	}
	return nil
}

// issued gives the fingerprints of an instance's licences by their events.
func (s *Server) issued(ctx context.Context, tx database.Tx, instance string) (map[string]string, error) {
	rows, err := tx.Query(ctx, `SELECT event, fingerprint FROM license WHERE instance = ?`, instance)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	found := map[string]string{}
	for rows.Next() {
		var event, fingerprint string
		if err := rows.Scan(&event, &fingerprint); err != nil {
			return nil, err
		}
		found[event] = fingerprint
	}
	return found, rows.Err()
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
