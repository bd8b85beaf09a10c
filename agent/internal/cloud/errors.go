package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// Bounds of what an error body may carry.
const (
	maxErrorBody  = 64 << 10
	maxParams     = 16
	maxParamValue = 1024
)

// refusal turns an answer that is not 2xx into an error.
func refusal(answer *http.Response) *api.Error {
	status := strconv.Itoa(answer.StatusCode)
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxErrorBody))
	if err != nil {
		return failed(status, err)
	}
	var body agentapi.Error
	if json.Unmarshal(content, &body) == nil && body.Code != "" {
		if e := Decode(body); e.Code != api.MarketplaceFailed {
			return e
		}
	}
	return byStatus(answer.StatusCode)
}

// Decode gives an error of the marketplace as one of the table. Codes that
// speak of this machine's own service mean the marketplace's when they come
// from there, and codes that the table lacks come from a newer marketplace:
// both become api.MarketplaceFailed.
func Decode(body agentapi.Error) *api.Error {
	code := api.Code(body.Code)
	switch code {
	case api.Internal, api.Offline, api.ServiceUnavailable, api.ShuttingDown, api.Timeout, api.Cancelled,
		api.SignedOut, api.MarketplaceFailed:
		return failed(body.Code, nil)
	}
	if _, known := api.Lookup(code); !known {
		return failed(bounded(body.Code), nil)
	}
	e := api.Fail(code)
	for name, value := range body.Params {
		if len(e.Params) == maxParams {
			break
		}
		if e.Params == nil {
			e.Params = make(map[string]string)
		}
		e.Params[bounded(name)] = bounded(value)
	}
	return e
}

func byStatus(status int) *api.Error {
	switch status {
	case http.StatusForbidden:
		return api.Fail(api.PermissionDenied)
	case http.StatusNotFound:
		return api.Fail(api.NotFound, "what", "the resource")
	case http.StatusRequestEntityTooLarge:
		return api.Fail(api.TooLarge, "what", "the request", "limit", "set by the marketplace")
	case http.StatusTooManyRequests:
		return api.Fail(api.Busy)
	}
	return failed(strconv.Itoa(status), nil)
}

// transport names a failure below HTTP: the caller gave up, a deadline of the
// caller's passed, or the network does not carry.
func transport(ctx context.Context, err error) *api.Error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return api.Fail(api.Cancelled).Because(err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return api.Fail(api.Timeout).Because(err)
	case errors.Is(err, errForeignRedirect):
		return failed("redirect", err)
	}
	return api.Fail(api.Offline).Because(err)
}

func tokenError(ctx context.Context, err error) *api.Error {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e
	}
	return transport(ctx, err)
}

func failed(status string, cause error) *api.Error {
	e := api.Fail(api.MarketplaceFailed, "status", status)
	if cause != nil {
		return e.Because(cause)
	}
	return e
}

func bounded(s string) string {
	if len(s) > maxParamValue {
		return s[:maxParamValue]
	}
	return s
}
