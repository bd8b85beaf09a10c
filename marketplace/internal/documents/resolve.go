package documents

import (
	"context"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// Resolve ends a conflict between a document and the copy that was kept beside
// it, in one transaction: with keep mine the copy's content becomes the newest
// version of the document, with keep theirs the document stays as it is; the
// copy is set aside in both, where it is not so already. Nothing is lost: the
// document keeps its versions, and the copy its own.
//
// DocumentChanged tells that one of the two has another version than the user
// has seen. A repeated operation gets the first answer again.
func (e *Engine) Resolve(ctx context.Context, user web.User, id string, r agentapi.Resolve) (agentapi.PublishResult, error) {
	switch err := checkOperation(r.OperationID); {
	case err != nil:
		return agentapi.PublishResult{}, err
	case !r.Keep.Valid():
		return agentapi.PublishResult{}, fault.New(fault.InvalidArgument, "argument", "keep", "reason", "mine or theirs is expected")
	case r.Version < 1 || r.CopyVersion < 1:
		return agentapi.PublishResult{}, fault.New(fault.InvalidArgument, "argument", "version, copyVersion", "reason", "what the user has seen is expected")
	case r.CopyID == id:
		return agentapi.PublishResult{}, fault.New(fault.InvalidArgument, "argument", "copyId", "reason", "it is the document itself")
	}
	var apart node
	answer, err := e.once(ctx, user, r.OperationID, func(v view) (answer agentapi.PublishResult, n node, err error) {
		if n, err = v.document(ctx, id); err != nil {
			return answer, n, err
		}
		if apart, err = v.setCopyAside(ctx, e, r); err != nil {
			return answer, n, err
		}
		if r.Keep == agentapi.Mine {
			return v.adopt(ctx, e, n, r)
		}
		doc, err := v.describe(ctx, n)
		return agentapi.PublishResult{Document: doc, Version: doc.Current}, n, err
	})
	if err == nil && apart.id != "" {
		e.tell(user, apart)
	}
	return answer, err
}

// setCopyAside gives the copy where it was set aside; the zero node where it
// was so before.
func (v view) setCopyAside(ctx context.Context, e *Engine, r agentapi.Resolve) (node, error) {
	n, already, err := v.anyDocument(ctx, r.CopyID)
	if err != nil {
		return node{}, err
	}
	if err := v.mayReplace(ctx, n, r.CopyVersion); err != nil || already != nil {
		return node{}, err
	}
	return n, v.setAside(ctx, n, e.now())
}

// adopt makes the newest version of the copy the newest of the document, which
// is of the copy's kind from then on.
func (v view) adopt(ctx context.Context, e *Engine, n node, r agentapi.Resolve) (agentapi.PublishResult, node, error) {
	if err := v.mayReplace(ctx, n, r.Version); err != nil {
		return agentapi.PublishResult{}, n, err
	}
	copied, _, err := v.anyDocument(ctx, r.CopyID)
	if err != nil {
		return agentapi.PublishResult{}, n, err
	}
	if copied.kind != n.kind {
		if _, err := v.Exec(ctx, `UPDATE node SET kind = ? WHERE id = ?`, copied.kind, n.id); err != nil {
			return agentapi.PublishResult{}, n, err
		}
	}
	mine, err := v.version(ctx, copied.id, copied.current)
	if err != nil {
		return agentapi.PublishResult{}, n, err
	}
	return v.appendVersion(ctx, n, newVersion{
		manifest: mine.manifest, size: mine.Size, comment: mine.Comment, operation: r.OperationID, at: e.now(),
	})
}

// Operation is the first answer of an operation that the user has done;
// NotFound if he has done none of that id.
func (e *Engine) Operation(ctx context.Context, user web.User, id string) (agentapi.PublishResult, error) {
	answer, done, err := e.firstAnswer(ctx, user, id)
	if err == nil && !done {
		err = fault.New(fault.NotFound, "what", id)
	}
	return answer, err
}
