package documents

import (
	"net/http"
	"strconv"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// Routes adds the document calls of the agent API.
func (e *Engine) Routes(r web.Router) {
	const api = "/api/agent/v1"
	r.Handle("GET "+api+"/spaces", web.Bearer, e.listSpaces)
	r.Handle("GET "+api+"/entries", web.Bearer, e.listEntries)
	r.Handle("POST "+api+"/folders", web.Bearer, e.createFolder)
	r.Handle("GET "+api+"/documents", web.Bearer, e.findDocument)
	r.Handle("GET "+api+"/documents/{id}", web.Bearer, e.getDocument)
	r.Handle("GET "+api+"/documents/{id}/versions", web.Bearer, e.listVersions)
	r.Handle("GET "+api+"/documents/{id}/versions/{number}/manifest", web.Bearer, e.getManifest)
	r.Handle("POST "+api+"/documents/{id}/versions/{number}/chunks", web.Bearer, e.fetchChunks)
	r.Handle("POST "+api+"/documents/{id}/checkout", web.Bearer, e.checkOut)
	r.Handle("POST "+api+"/documents/{id}/checkin", web.Bearer, e.checkIn)
	r.Handle("POST "+api+"/documents/{id}/restore", web.Bearer, e.restoreVersion)
	r.Handle("POST "+api+"/documents/{id}/trash", web.Bearer, e.trashDocument)
	r.Handle("POST "+api+"/documents/{id}/untrash", web.Bearer, e.untrashDocument)
	r.Handle("POST "+api+"/documents/{id}/resolve", web.Bearer, e.resolveConflict)
	r.Handle("GET "+api+"/operations/{id}", web.Bearer, e.getOperation)
	r.Handle("GET "+api+"/trash", web.Bearer, e.listTrash)
	r.Handle("GET "+api+"/search", web.Bearer, e.search)
	r.Handle("POST "+api+"/chunks/missing", web.Bearer, e.findMissingChunks)
	r.Handle("POST "+api+"/packs", web.Bearer, e.uploadPack)
	r.Handle("POST "+api+"/versions", web.Bearer, e.publishVersion)
}

// answer writes what an engine call gave.
func answer[T any](w http.ResponseWriter, status int, value T, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, status, value)
}

func (e *Engine) listSpaces(w http.ResponseWriter, r *http.Request) error {
	spaces, err := e.Spaces(r.Context(), web.UserOf(r.Context()))
	return answer(w, http.StatusOK, agentapi.SpaceList{Spaces: spaces}, err)
}

func (e *Engine) listEntries(w http.ResponseWriter, r *http.Request) error {
	list, err := e.List(r.Context(), web.UserOf(r.Context()), r.URL.Query().Get("path"))
	return answer(w, http.StatusOK, list, err)
}

func (e *Engine) createFolder(w http.ResponseWriter, r *http.Request) error {
	body, err := web.ReadJSON[agentapi.FolderCreate](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	if err := e.CreateFolder(r.Context(), web.UserOf(r.Context()), body.Path); err != nil {
		return err
	}
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (e *Engine) findDocument(w http.ResponseWriter, r *http.Request) error {
	doc, err := e.Find(r.Context(), web.UserOf(r.Context()), r.URL.Query().Get("path"))
	return answer(w, http.StatusOK, doc, err)
}

func (e *Engine) getDocument(w http.ResponseWriter, r *http.Request) error {
	doc, err := e.Get(r.Context(), web.UserOf(r.Context()), r.PathValue("id"))
	return answer(w, http.StatusOK, doc, err)
}

func (e *Engine) listVersions(w http.ResponseWriter, r *http.Request) error {
	versions, err := e.History(r.Context(), web.UserOf(r.Context()), r.PathValue("id"))
	return answer(w, http.StatusOK, agentapi.VersionList{Versions: versions}, err)
}

func (e *Engine) checkOut(w http.ResponseWriter, r *http.Request) error {
	doc, err := e.CheckOut(r.Context(), web.UserOf(r.Context()), r.PathValue("id"))
	return answer(w, http.StatusOK, doc, err)
}

func (e *Engine) checkIn(w http.ResponseWriter, r *http.Request) error {
	doc, err := e.CheckIn(r.Context(), web.UserOf(r.Context()), r.PathValue("id"))
	return answer(w, http.StatusOK, doc, err)
}

func (e *Engine) restoreVersion(w http.ResponseWriter, r *http.Request) error {
	body, err := web.ReadJSON[agentapi.Restore](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	result, err := e.Restore(r.Context(), web.UserOf(r.Context()), r.PathValue("id"), body)
	return answer(w, http.StatusCreated, result, err)
}

func (e *Engine) trashDocument(w http.ResponseWriter, r *http.Request) error {
	body, err := web.ReadJSON[agentapi.TrashRequest](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	trashed, err := e.SetAside(r.Context(), web.UserOf(r.Context()), r.PathValue("id"), body.Version)
	return answer(w, http.StatusOK, trashed, err)
}

func (e *Engine) untrashDocument(w http.ResponseWriter, r *http.Request) error {
	body, err := web.ReadJSON[agentapi.UntrashRequest](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	doc, err := e.TakeBack(r.Context(), web.UserOf(r.Context()), r.PathValue("id"), body.Path)
	return answer(w, http.StatusOK, doc, err)
}

func (e *Engine) resolveConflict(w http.ResponseWriter, r *http.Request) error {
	body, err := web.ReadJSON[agentapi.Resolve](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	result, err := e.Resolve(r.Context(), web.UserOf(r.Context()), r.PathValue("id"), body)
	return answer(w, http.StatusCreated, result, err)
}

func (e *Engine) getOperation(w http.ResponseWriter, r *http.Request) error {
	result, err := e.Operation(r.Context(), web.UserOf(r.Context()), r.PathValue("id"))
	return answer(w, http.StatusOK, result, err)
}

func (e *Engine) listTrash(w http.ResponseWriter, r *http.Request) error {
	list, err := e.Trash(r.Context(), web.UserOf(r.Context()), r.URL.Query().Get("path"))
	return answer(w, http.StatusOK, list, err)
}

func (e *Engine) search(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	list, err := e.Search(r.Context(), web.UserOf(r.Context()), query.Get("q"), query.Get("path"))
	return answer(w, http.StatusOK, list, err)
}

func (e *Engine) publishVersion(w http.ResponseWriter, r *http.Request) error {
	body, err := web.ReadJSON[agentapi.Publish](w, r, MaxManifest)
	if err != nil {
		return err
	}
	result, err := e.Publish(r.Context(), web.UserOf(r.Context()), body)
	return answer(w, http.StatusCreated, result, err)
}

func (e *Engine) findMissingChunks(w http.ResponseWriter, r *http.Request) error {
	body, err := web.ReadJSON[agentapi.HashList](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	missing, err := e.Missing(r.Context(), web.UserOf(r.Context()), body.Hashes)
	return answer(w, http.StatusOK, agentapi.HashList{Hashes: missing}, err)
}

func (e *Engine) uploadPack(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > MaxPack {
		return fault.New(fault.TooLarge, "what", "pack", "limit", strconv.Itoa(MaxPack))
	}
	if err := e.Upload(r.Context(), web.UserOf(r.Context()), http.MaxBytesReader(w, r.Body, MaxPack)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// versionNumber reads the number in the path.
func versionNumber(r *http.Request) (int, error) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || number < 1 {
		return 0, fault.New(fault.InvalidArgument, "argument", "number", "reason", "a version number is expected")
	}
	return number, nil
}

func (e *Engine) getManifest(w http.ResponseWriter, r *http.Request) error {
	number, err := versionNumber(r)
	if err != nil {
		return err
	}
	content, err := e.Open(r.Context(), web.UserOf(r.Context()), r.PathValue("id"), number)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, content.Manifest)
}

// fetchChunks streams records. When a chunk turns out damaged after the answer
// has begun, the connection is cut, so that nobody takes it for whole.
func (e *Engine) fetchChunks(w http.ResponseWriter, r *http.Request) error {
	number, err := versionNumber(r)
	if err != nil {
		return err
	}
	body, err := web.ReadJSON[agentapi.HashList](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	begun := false
	err = e.Fetch(r.Context(), web.UserOf(r.Context()), r.PathValue("id"), number, body.Hashes, func(h hash, content []byte) error {
		if !begun {
			begun = true
			w.Header().Set("Content-Type", "application/octet-stream")
		}
		return writeRecord(w, h, content)
	})
	if err != nil && begun {
		panic(http.ErrAbortHandler)
	}
	return err
}
