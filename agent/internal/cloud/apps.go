package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"iscdesk.dev/marketplace/agentapi"
)

// Apps lists the catalogue.
func (c *Client) Apps(ctx context.Context) ([]agentapi.App, error) {
	var list agentapi.AppList
	err := c.Call(ctx, http.MethodGet, "/apps", nil, &list)
	return list.Apps, err
}

// CheckUpgrade asks whether there is a version of product above version for
// this system.
func (c *Client) CheckUpgrade(ctx context.Context, product string, p agentapi.CheckUpgradeParams) (agentapi.Upgrade, error) {
	var upgrade agentapi.Upgrade
	query := url.Values{"version": {p.Version}, "os": {p.Os}, "arch": {p.Arch}}
	err := c.Call(ctx, http.MethodGet, "/apps/"+url.PathEscape(product)+"/upgrade?"+query.Encode(), nil, &upgrade)
	return upgrade, err
}

// Package streams the package with this SHA-256 from byte from on, which is
// less than its size. start is where the stream really begins: from, or 0
// where the marketplace does not resume. The caller closes body.
func (c *Client) Package(ctx context.Context, sha256 string, from int64) (body io.ReadCloser, start int64, err error) {
	header := http.Header{"Accept-Encoding": {"identity"}}
	if from > 0 {
		header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
	}
	answer, err := c.Stream(ctx, http.MethodGet, "/packages/"+url.PathEscape(sha256), nil, "", header)
	if err != nil {
		return nil, 0, err
	}
	if answer.StatusCode != http.StatusPartialContent {
		return answer.Body, 0, nil
	}
	var last int64
	if _, err := fmt.Sscanf(answer.Header.Get("Content-Range"), "bytes %d-%d/", &start, &last); err != nil || start != from {
		return nil, 0, errors.Join(failed("unexpected range", err), answer.Body.Close())
	}
	return answer.Body, start, nil
}
