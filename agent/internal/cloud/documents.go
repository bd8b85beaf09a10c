package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// maxHashes is how many hashes the marketplace takes in one call.
const maxHashes = 10_000

const octets = "application/octet-stream"

// Spaces are the spaces that the user may see.
func (c *Client) Spaces(ctx context.Context) ([]agentapi.Space, error) {
	var out agentapi.SpaceList
	err := c.Call(ctx, http.MethodGet, "/spaces", nil, &out)
	return out.Spaces, err
}

// Entries lists a folder; "/" lists the spaces.
func (c *Client) Entries(ctx context.Context, path string) (agentapi.EntryList, error) {
	var out agentapi.EntryList
	err := c.Call(ctx, http.MethodGet, "/entries?path="+url.QueryEscape(path), nil, &out)
	return out, err
}

// CreateFolder creates a folder and its parents.
func (c *Client) CreateFolder(ctx context.Context, path string) error {
	return c.Call(ctx, http.MethodPost, "/folders", agentapi.FolderCreate{Path: path}, nil)
}

// FindDocument gives the document at a path, api.NotFound where there is none.
func (c *Client) FindDocument(ctx context.Context, path string) (agentapi.Document, error) {
	var out agentapi.Document
	err := c.Call(ctx, http.MethodGet, "/documents?path="+url.QueryEscape(path), nil, &out)
	return out, err
}

// Versions is the history of a document, newest first.
func (c *Client) Versions(ctx context.Context, id string) ([]agentapi.Version, error) {
	var out agentapi.VersionList
	err := c.Call(ctx, http.MethodGet, document(id)+"/versions", nil, &out)
	return out.Versions, err
}

// Manifest is what a version is made of. It may be long, so it is read as a
// stream, bounded like an answer but twice as long.
func (c *Client) Manifest(ctx context.Context, id string, number int) (agentapi.Manifest, error) {
	answer, err := c.Stream(ctx, http.MethodGet, version(id, number)+"/manifest", nil, "", nil)
	if err != nil {
		return agentapi.Manifest{}, err
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	var out agentapi.Manifest
	if err := json.NewDecoder(io.LimitReader(answer.Body, 2*maxAnswer)).Decode(&out); err != nil {
		return agentapi.Manifest{}, failed("malformed manifest", err)
	}
	return out, nil
}

// FetchChunks gives chunks of a version as records, in the order of hashes.
// The caller closes the stream.
func (c *Client) FetchChunks(ctx context.Context, id string, number int, hashes []string) (io.ReadCloser, error) {
	body, err := json.Marshal(agentapi.HashList{Hashes: hashes})
	if err != nil {
		return nil, api.Fail(api.Internal).Because(err)
	}
	answer, err := c.Stream(ctx, http.MethodPost, version(id, number)+"/chunks", bytes.NewReader(body), "application/json", nil)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// CheckOut reserves a document for the user.
func (c *Client) CheckOut(ctx context.Context, id string) (agentapi.Document, error) {
	var out agentapi.Document
	err := c.Call(ctx, http.MethodPost, document(id)+"/checkout", nil, &out)
	return out, err
}

// CheckIn gives a reserved document free.
func (c *Client) CheckIn(ctx context.Context, id string) (agentapi.Document, error) {
	var out agentapi.Document
	err := c.Call(ctx, http.MethodPost, document(id)+"/checkin", nil, &out)
	return out, err
}

// RestoreVersion makes an old version the newest again.
func (c *Client) RestoreVersion(ctx context.Context, id string, in agentapi.Restore) (agentapi.PublishResult, error) {
	var out agentapi.PublishResult
	err := c.Call(ctx, http.MethodPost, document(id)+"/restore", in, &out)
	return out, err
}

// Document gives a document by its id, api.NotFound where there is none or it
// is set aside.
func (c *Client) Document(ctx context.Context, id string) (agentapi.Document, error) {
	var out agentapi.Document
	err := c.Call(ctx, http.MethodGet, document(id), nil, &out)
	return out, err
}

// Resolve ends a conflict between a document and the copy beside it.
func (c *Client) Resolve(ctx context.Context, id string, in agentapi.Resolve) (agentapi.PublishResult, error) {
	var out agentapi.PublishResult
	err := c.Call(ctx, http.MethodPost, document(id)+"/resolve", in, &out)
	return out, err
}

// Operation is the answer of an operation that was done, api.NotFound where it
// was not.
func (c *Client) Operation(ctx context.Context, id string) (agentapi.PublishResult, error) {
	var out agentapi.PublishResult
	err := c.Call(ctx, http.MethodGet, "/operations/"+url.PathEscape(id), nil, &out)
	return out, err
}

// SetAside takes a document out of its folder, where version is its newest.
func (c *Client) SetAside(ctx context.Context, id string, version int) (agentapi.TrashedDocument, error) {
	var out agentapi.TrashedDocument
	err := c.Call(ctx, http.MethodPost, document(id)+"/trash", agentapi.TrashRequest{Version: version}, &out)
	return out, err
}

// TakeBack puts a document that was set aside back, to path where that is not
// empty.
func (c *Client) TakeBack(ctx context.Context, id, path string) (agentapi.Document, error) {
	var out agentapi.Document
	err := c.Call(ctx, http.MethodPost, document(id)+"/untrash", agentapi.UntrashRequest{Path: path}, &out)
	return out, err
}

// Trash lists what was set aside below a path.
func (c *Client) Trash(ctx context.Context, path string) (agentapi.TrashList, error) {
	var out agentapi.TrashList
	err := c.Call(ctx, http.MethodGet, "/trash?path="+url.QueryEscape(path), nil, &out)
	return out, err
}

// Search finds folders and documents below a path by a part of their names.
func (c *Client) Search(ctx context.Context, q, path string) (agentapi.EntryList, error) {
	var out agentapi.EntryList
	err := c.Call(ctx, http.MethodGet, "/search?q="+url.QueryEscape(q)+"&path="+url.QueryEscape(path), nil, &out)
	return out, err
}

// MissingChunks tells which chunks the tenant's store lacks.
func (c *Client) MissingChunks(ctx context.Context, hashes []string) ([]string, error) {
	var missing []string
	for len(hashes) > 0 {
		n := min(len(hashes), maxHashes)
		var out agentapi.HashList
		if err := c.Call(ctx, http.MethodPost, "/chunks/missing", agentapi.HashList{Hashes: hashes[:n]}, &out); err != nil {
			return nil, err
		}
		missing, hashes = append(missing, out.Hashes...), hashes[n:]
	}
	return missing, nil
}

// UploadPack sends a pack of chunks as records.
func (c *Client) UploadPack(ctx context.Context, pack io.ReadSeeker) error {
	answer, err := c.Stream(ctx, http.MethodPost, "/packs", pack, octets, nil)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// Publish publishes a version whose chunks are all stored.
func (c *Client) Publish(ctx context.Context, in agentapi.Publish) (agentapi.PublishResult, error) {
	var out agentapi.PublishResult
	err := c.Call(ctx, http.MethodPost, "/versions", in, &out)
	return out, err
}

func document(id string) string { return "/documents/" + url.PathEscape(id) }

func version(id string, number int) string {
	return document(id) + "/versions/" + strconv.Itoa(number)
}
