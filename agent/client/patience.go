package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"iscdesk.dev/agent/api"
)

// Wait waits for a service that is away, and tells whether to try again. why
// is how the last attempt failed.
type Wait func(ctx context.Context, why error) bool

type waitKey struct{}

// WithPatience lets the calls made with the context outlive a restart of the
// service. A call is made again, each time that wait says so, if the service
// is away and nothing can happen twice by it: the call has not reached the
// service, or it only asks, or its second time does nothing. Every other
// failure is the call's own.
func WithPatience(ctx context.Context, wait Wait) context.Context {
	return context.WithValue(ctx, waitKey{}, wait)
}

// patiently makes a call until it is through or patience is over.
func patiently(ctx context.Context, route string, once func(ctx context.Context) (reached bool, err error)) error {
	wait, patient := ctx.Value(waitKey{}).(Wait)
	broken := false // an attempt may have been carried out, though nobody has heard its answer
	for {
		reached, err := once(ctx)
		switch {
		case err == nil:
			return nil
		case broken && errors.Is(err, doneAlready(route)):
			return nil
		case !patient, !away(err), reached && !repeatable(route), ctx.Err() != nil:
			return err
		}
		broken = broken || reached
		if !wait(ctx, err) {
			return err
		}
	}
}

// away tells a service that stops, or is not there.
func away(err error) bool {
	return errors.Is(err, api.ServiceUnavailable) || errors.Is(err, api.ShuttingDown)
}

// repeatable tells a route that may be called again though the first time may
// have been carried out.
func repeatable(route string) bool {
	if strings.HasPrefix(route, http.MethodGet+" ") {
		return true
	}
	switch route {
	case api.RouteUploadsPause, api.RouteMessagesRead, api.RouteSettingsSet, // they set what the caller wants
		api.RouteRestore,                                                                                      // its operation is the idempotency key
		api.RouteLoginCancel, api.RouteCheckout, api.RouteTransferRetry, api.RouteAppInstall, api.RouteLogout, // the second time changes nothing
		api.RouteLoginBegin, api.RouteDeviceBegin: // the first one is forgotten
		return true
	}
	return doneAlready(route) != ""
}

// doneAlready is the refusal that tells, after an attempt whose answer was
// lost, that the attempt was carried out; empty where none does.
func doneAlready(route string) api.Code {
	switch route {
	case api.RouteCheckin:
		return api.DocumentNotCheckedOut
	case api.RouteFolder:
		return api.Exists
	case api.RouteTransferDrop, api.RouteConflictEnd, api.RoutePickAnswer:
		return api.NotFound
	}
	return ""
}

// reach tells whether a request has begun to go out on a connection.
type reach struct{ begun atomic.Bool }

func (r *reach) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaderField: func(string, []string) { r.begun.Store(true) }})
}
