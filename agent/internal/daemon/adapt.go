package daemon

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/bus"
	"iscdesk.dev/agent/internal/cloudfile"
	"iscdesk.dev/agent/internal/health"
	"iscdesk.dev/agent/internal/message"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/internal/solve"
)

// notifier is how the engines say what happened. Health hears what changed
// too, because its warnings may follow, and messages are made of what happened.
// health and messages are set before anything runs.
type notifier struct {
	*bus.Bus
	health   *health.Engine
	messages *message.Engine
}

// Publish keeps the message that follows from the event, and then tells the
// sessions and the watches: whoever hears of it finds the message.
func (n *notifier) Publish(ctx context.Context, e api.Event) {
	if n.messages != nil {
		n.messages.Event(ctx, e)
	}
	n.Bus.Publish(ctx, e)
}

// Changed tells the watches, and health.
func (n *notifier) Changed(section string) {
	n.Bus.Changed(section)
	if n.health != nil {
		n.health.Changed(section)
	}
}

// streaming is a bus as the local API takes it.
type streaming struct{ *bus.Bus }

func (s streaming) Since(ctx context.Context, app api.Session, seq uint64) (server.EventStream, error) {
	return s.Bus.Since(ctx, app, seq)
}

func (s streaming) Watch(ctx context.Context) (server.Watch, error) { return s.Bus.Watch(ctx) }

// savingFiles is the documents engine as the local API takes it.
type savingFiles struct{ *cloudfile.Engine }

func (f savingFiles) BeginSave(ctx context.Context, app api.Session, begin api.SaveBegin) (server.Save, error) {
	s, err := f.Engine.BeginSave(ctx, app, begin)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// solvable is the documents engine as the solves see it.
type solvable struct{ *cloudfile.Engine }

func (s solvable) PublishedSolves(ctx context.Context) ([]solve.Input, error) {
	published, err := s.Engine.PublishedSolves(ctx)
	if err != nil {
		return nil, err
	}
	inputs := make([]solve.Input, 0, len(published))
	for _, p := range published {
		inputs = append(inputs, solve.Input{
			Operation: p.Operation, Document: p.Document, Version: p.Version,
			Path: p.Path, Session: p.Session, Tag: p.Tag, Account: p.Account,
		})
	}
	return inputs, nil
}
