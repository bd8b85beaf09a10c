package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
)

// MaxJSON bounds the JSON bodies that need no larger limit of their own.
const MaxJSON = 1 << 20

// ReadJSON decodes the one JSON value that is the request's body, at most
// limit bytes long. Unknown members are allowed, so that an agent may be
// newer than the marketplace.
func ReadJSON[T any](w http.ResponseWriter, r *http.Request, limit int64) (T, error) {
	var value T
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	if err := d.Decode(&value); err != nil {
		return value, bodyFault(err, limit)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return value, bodyFault(err, limit)
	}
	return value, nil
}

func bodyFault(err error, limit int64) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "what", "body", "limit", strconv.FormatInt(limit, 10)).Because(err)
	}
	return fault.New(fault.InvalidArgument, "argument", "body", "reason", "not the JSON that is expected").Because(err)
}

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fault.New(fault.Internal).Because(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller is gone: nobody is left to tell
	return nil
}

// WriteError answers with an error and gives the status it wrote.
func WriteError(w http.ResponseWriter, err error) int {
	if a, ok := errors.AsType[Answer](err); ok {
		a.Answer(w)
		return http.StatusOK
	}
	e := fault.As(err)
	if e.HTTP == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="iscmarket"`)
	}
	_ = WriteJSON(w, e.HTTP, agentapi.Error{Code: string(e.Code), Params: e.Params})
	return e.HTTP
}
