package vendor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/isv"
)

// work registers the production URL and uploads licences as they are due.
func (s *Server) work(ctx context.Context, production string) error {
	registered := false
	for {
		wait := time.Hour
		err := s.round(ctx, production, &registered, &wait)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.Log.Warn("marketplace not reached; trying again", "error", err)
			wait = s.RetryEvery
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
		case <-time.After(wait):
		}
	}
}

// round does what is due now, and tells when something is due next.
func (s *Server) round(ctx context.Context, production string, registered *bool, wait *time.Duration) error {
	if !*registered {
		if err := s.register(ctx, production); err != nil {
			return fmt.Errorf("register: %w", err)
		}
		*registered = true
		s.Log.Info("production URL registered", "url", production)
	}
	if s.knobs.get().NoUpload {
		return nil
	}
	for {
		event, content, due, err := s.nextUpload(ctx)
		if err != nil || event == "" {
			return err
		}
		if now := s.Now(); due.After(now) {
			*wait = due.Sub(now)
			return nil
		}
		if err := s.upload(ctx, event, content); err != nil {
			return fmt.Errorf("upload %s: %w", event, err)
		}
	}
}

func (s *Server) nextUpload(ctx context.Context) (event, content string, due time.Time, err error) {
	err = s.db.Read(ctx, func(tx database.Tx) error {
		rows, err := tx.Query(ctx, `SELECT event, content, due FROM license WHERE uploaded = 0 ORDER BY due, event LIMIT 1`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var millis int64
			if err := rows.Scan(&event, &content, &millis); err != nil {
				return err
			}
			due = database.Time(millis)
		}
		return rows.Err()
	})
	return event, content, due, err
}

// upload sends a licence in both forms, as a file and, where it is short
// enough, as a string, so that it serves whatever the application asked for.
func (s *Server) upload(ctx context.Context, event, content string) error {
	file := []byte(content + "\n")
	info := isv.UploadInfo{Type: isv.UploadFile, FileName: "license.lic", SHA256: isv.PayloadHash(file)}
	if utf8.RuneCountInString(content) <= isv.MaxCharacters {
		info.Characters = content
	}
	body, contentType, err := form(info, file)
	if err != nil {
		return err
	}
	var answer isv.UploadAnswer
	path := strings.Replace(isv.PathEventFile, "{event_id}", url.PathEscape(event), 1)
	if err := s.call(ctx, http.MethodPost, path, contentType, body, &answer); err != nil {
		return err
	}
	if answer.ErrorCode != isv.CodeOK {
		s.Log.Warn("the marketplace did not take a licence", "event", event, "code", answer.ErrorCode, "message", answer.ErrorMsg)
	} else {
		s.Log.Info("licence uploaded", "event", event)
	}
	return s.db.Write(ctx, func(tx database.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE license SET uploaded = 1 WHERE event = ? AND content = ?`, event, content)
		return err
	})
}

// form makes the two parts of an upload.
func form(info isv.UploadInfo, file []byte) (body []byte, contentType string, err error) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, isv.UploadFilePart, info.FileName)},
		"Content-Type":        {"multipart/form-data"},
	})
	if err != nil {
		return nil, "", err
	}
	if _, err := f.Write(file); err != nil {
		return nil, "", err
	}
	j, err := m.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name=%q`, isv.UploadInfoPart)},
		"Content-Type":        {"application/json"},
	})
	if err != nil {
		return nil, "", err
	}
	if err := json.NewEncoder(j).Encode(info); err != nil {
		return nil, "", err
	}
	err = m.Close() // writes the last boundary
	return b.Bytes(), m.FormDataContentType(), err
}

func (s *Server) register(ctx context.Context, production string) error {
	body, err := json.Marshal(map[string]string{"url": production})
	if err != nil {
		return err
	}
	var answer isv.UploadAnswer
	if err := s.call(ctx, http.MethodPut, isv.PathSellerURL, "application/json", body, &answer); err != nil {
		return err
	}
	if answer.ErrorCode != isv.CodeOK {
		return fmt.Errorf("%s %s", answer.ErrorCode, answer.ErrorMsg)
	}
	return nil
}

func (s *Server) queryOrder(ctx context.Context, order, line string) (isv.OrderInfo, error) {
	var answer isv.OrderAnswer
	q := url.Values{"orderId": {order}, "orderLineId": {line}}
	if err := s.call(ctx, http.MethodGet, isv.PathOrderQuery+"?"+q.Encode(), "application/json", nil, &answer); err != nil {
		return isv.OrderInfo{}, err
	}
	o := answer.OrderInfo
	if answer.ResultCode != isv.OrderOK || o == nil || len(o.OrderLine) == 0 || len(o.OrderLine[0].ProductInfo) == 0 {
		return isv.OrderInfo{}, fmt.Errorf("order %s: %s %s", order, answer.ResultCode, answer.ResultMsg)
	}
	return *o, nil
}

// call makes one open API call, signed with AK/SK.
func (s *Server) call(ctx context.Context, method, path, contentType string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.Credentials.Marketplace+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	s.Credentials.Sign(req, isv.PayloadHash(body), s.Now())
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusUnauthorized {
		return fmt.Errorf("HTTP status %d", resp.StatusCode)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return errors.New("the marketplace's answer is not JSON")
	}
	return nil
}
