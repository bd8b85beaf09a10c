package cloud

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"iscdesk.dev/marketplace/agentapi"
)

// RequestLicense applies for a licence. Asking again with the same values
// gets the same application while it is pending or granted.
func (c *Client) RequestLicense(ctx context.Context, application agentapi.LicenseApplication) (agentapi.LicenseDecision, error) {
	var decision agentapi.LicenseDecision
	err := c.Call(ctx, http.MethodPost, "/license-requests", application, &decision)
	return decision, err
}

// LicenseDecision asks how an application stands.
func (c *Client) LicenseDecision(ctx context.Context, eventID string) (agentapi.LicenseDecision, error) {
	var decision agentapi.LicenseDecision
	err := c.Call(ctx, http.MethodGet, "/license-requests/"+url.PathEscape(eventID), nil, &decision)
	return decision, err
}

// LicenseFile gives the content of a granted licence file; the caller bounds
// what it reads, checks it, and closes it.
func (c *Client) LicenseFile(ctx context.Context, eventID string) (io.ReadCloser, error) {
	answer, err := c.Stream(ctx, http.MethodGet, "/license-requests/"+url.PathEscape(eventID)+"/file", nil, "", nil)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// ReportVerdict tells what the application said of its licence.
func (c *Client) ReportVerdict(ctx context.Context, eventID string, verdict agentapi.Verdict) error {
	return c.Call(ctx, http.MethodPost, "/license-requests/"+url.PathEscape(eventID)+"/verdict", verdict, nil)
}

// Licenses lists the user's licences.
func (c *Client) Licenses(ctx context.Context) ([]agentapi.LicenseInfo, error) {
	var list agentapi.LicenseList
	err := c.Call(ctx, http.MethodGet, "/licenses", nil, &list)
	return list.Licenses, err
}

// AcquireLease takes a seat; the same session gets its own lease again.
func (c *Client) AcquireLease(ctx context.Context, application agentapi.LeaseApplication) (agentapi.SignedLease, error) {
	var signed agentapi.SignedLease
	err := c.Call(ctx, http.MethodPost, "/leases", application, &signed)
	return signed, err
}

// RenewLease extends a lease.
func (c *Client) RenewLease(ctx context.Context, id string) (agentapi.SignedLease, error) {
	var signed agentapi.SignedLease
	err := c.Call(ctx, http.MethodPost, "/leases/"+url.PathEscape(id)+"/renew", nil, &signed)
	return signed, err
}

// ReleaseLease gives a seat back; a lease that is back already is no error.
func (c *Client) ReleaseLease(ctx context.Context, id string) error {
	return c.Call(ctx, http.MethodDelete, "/leases/"+url.PathEscape(id), nil, nil)
}
