package license

import (
	"errors"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// final tells whether an error is a decision of the marketplace or the vendor
// on an application. Everything else is trouble that passes.
func final(err *api.Error) bool {
	switch err.Code {
	case api.LicenseNotEntitled, api.LicenseVendorRefused, api.LicenseQuotaExhausted, api.LicenseOutsidePeriod,
		api.LicenseExpiryRequired, api.LicenseFingerprintRequired, api.LicenseFrozen, api.LicenseReleased,
		api.LicenseExpired, api.LicenseUndecided, api.InvalidArgument, api.TooLarge:
		return true
	}
	return false
}

// leaseFinal tells whether an error means that there is no lease to be had.
func leaseFinal(err *api.Error) bool {
	switch err.Code {
	case api.LeaseNoSeat, api.LeaseRevoked, api.LeaseNoFeature, api.InvalidArgument, api.LeaseWrongUser, api.LeaseWrongDevice:
		return true
	}
	return final(err)
}

// leaseUnknown tells that the marketplace does not know a lease any more: it
// ended there while we were away.
func leaseUnknown(err *api.Error) bool {
	switch err.Code {
	case api.NotFound, api.LeaseNotHeld, api.LeaseExpired:
		return true
	}
	return false
}

const (
	maxParams     = 16
	maxParamValue = 1024
)

// reasonOf gives the reason of a decision as an error of the table.
func reasonOf(d agentapi.LicenseDecision) *api.Error {
	code := api.Code(d.Reason.Code)
	if _, known := api.Lookup(code); !known {
		if d.State == agentapi.Refused {
			return api.Fail(api.LicenseVendorRefused, "vendorCode", bounded(d.Reason.Code), "vendorMessage", "", "event", d.EventID)
		}
		return api.Fail(api.LicensePending)
	}
	e := api.Fail(code)
	for name, value := range d.Reason.Params {
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

func bounded(s string) string {
	if len(s) > maxParamValue {
		return s[:maxParamValue]
	}
	return s
}

// trouble gives err as an error of the table that may be told and kept; nil
// for none.
func trouble(err error) *api.Error {
	if err == nil {
		return nil
	}
	e := api.AsError(err)
	if errors.Is(e, api.Timeout) || errors.Is(e, api.Cancelled) {
		return api.Fail(api.Offline) // we gave up waiting; the application did not
	}
	return &api.Error{Code: e.Code, Params: e.Params}
}

// blockedBy is why a kept answer of this status is not handed out.
func blockedBy(status, product, date string) *api.Error {
	switch status {
	case "frozen":
		return api.Fail(api.LicenseFrozen, "product", product)
	case "released":
		return api.Fail(api.LicenseReleased, "product", product)
	case "expired":
		return api.Fail(api.LicenseExpired, "product", product, "date", date)
	}
	return nil
}
