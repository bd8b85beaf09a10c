package solves

import (
	"context"
	"errors"
	"image"
	"slices"
	"strconv"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/plot"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
)

// Plot is the pictures of a job's results.
type Plot struct {
	// Text says what is going on, or why there is no picture; empty: there is
	// one. Progress is drawn while Running.
	Text     string
	Progress float64
	Running  bool
	Action   *view.Action
	// Kinds are the pictures that there are, and Kind the one shown.
	Kinds []view.Segment
	Kind  string
	// Frames name the states of the solve of which one is drawn, and Frame is
	// its number; fewer than two: there is nothing to choose.
	Frames []string
	Frame  int
	// Image is drawn for the Surface that was said last; nil while the first
	// is drawn. Caption says in words what it shows.
	Image   image.Image
	Caption string
	// Note says what was left out; empty: nothing.
	Note string
}

// The kinds of picture.
const (
	KindShape         = "shape"
	KindDisplacements = "displacements"
	KindResiduals     = "residuals"
	KindModes         = "modes"
)

// Surface is what a picture is drawn for.
type Surface struct {
	Width, Height int // pixels
	Scale         float64
	Dark          bool
}

// drawing is the state of the pictures; Room.mu guards it.
type drawing struct {
	job     string // with its version: what is loaded, or being loaded
	cancel  context.CancelFunc
	loading bool
	share   float64
	failed  *api.Error
	result  *plot.Result

	kind    string
	frame   int
	surface Surface
	order   drawOrder // what image shows, or is being drawn
	image   image.Image
	tooMuch bool
}

// drawOrder is all that a picture depends on.
type drawOrder struct {
	job, kind string
	frame     int
	surface   Surface
	lang      api.Language
}

// patience bounds fetching and drawing.
const (
	fetchPatience = 5 * time.Minute
	drawPatience  = 20 * time.Second
)

// load fetches the results of a job, unless they are here already.
func (r *Room) load(j api.Solve, again bool) {
	key := j.ID + " " + strconv.Itoa(j.ResultVersion)
	r.mu.Lock()
	if r.plot.job == key && !again {
		r.mu.Unlock()
		return
	}
	if r.plot.cancel != nil {
		r.plot.cancel()
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetchPatience)
	r.plot = drawing{job: key, cancel: cancel, loading: true, surface: r.plot.surface, frame: -1}
	r.mu.Unlock()
	r.env.Refresh()
	var result *plot.Result
	r.env.Desk.Do(func(life context.Context, s desk.Service) (err error) {
		defer context.AfterFunc(life, cancel)()
		result, err = fetch(ctx, s, j, plot.DefaultLimits(), func(share float64) {
			r.update(key, func(d *drawing) { d.share = share })
		})
		return err
	}, func(err error) {
		cancel()
		r.update(key, func(d *drawing) {
			d.loading, d.result, d.cancel = false, result, nil
			if err != nil {
				d.failed, d.result = api.AsError(err), nil
				return
			}
			d.frame = result.Shown()
			if kinds := d.kinds(); len(kinds) > 0 {
				d.kind = kinds[0]
			}
		})
		r.draw()
	})
}

// update changes the drawing if it is still that of a job.
func (r *Room) update(job string, change func(*drawing)) {
	r.mu.Lock()
	if r.plot.job == job {
		change(&r.plot)
	}
	r.mu.Unlock()
	r.env.Refresh()
}

// kinds are the pictures that the result gives, the one that says most first.
func (d *drawing) kinds() []string {
	var list []string
	if d.result == nil {
		return nil
	}
	if d.result.HasShape() {
		list = append(list, KindShape)
	}
	var none plot.Texts
	for _, c := range []struct {
		kind string
		of   func(plot.Texts) (plot.Chart, bool)
	}{{KindModes, d.result.Modes}, {KindDisplacements, d.result.Displacements}, {KindResiduals, d.result.Residuals}} {
		if _, some := c.of(none); some {
			list = append(list, c.kind)
		}
	}
	return list
}

// ShowKind shows another picture.
func (r *Room) ShowKind(kind string) {
	r.choose(func(d *drawing) {
		if slices.Contains(d.kinds(), kind) {
			d.kind, d.image = kind, nil
		}
	})
}

// ShowFrame shows another state of the solve, by its number in Plot.Frames.
func (r *Room) ShowFrame(number int) {
	r.choose(func(d *drawing) {
		if frames := d.drawable(); number >= 0 && number < len(frames) {
			d.frame = frames[number]
		}
	})
}

// SetSurface says what pictures are drawn for. It may be called at any time.
func (r *Room) SetSurface(s Surface) {
	r.mu.Lock()
	same := r.plot.surface == s
	r.plot.surface = s
	r.mu.Unlock()
	if !same {
		r.draw()
	}
}

func (r *Room) choose(change func(*drawing)) {
	r.mu.Lock()
	change(&r.plot)
	r.mu.Unlock()
	r.draw()
	r.env.Refresh()
}

// drawable are the frames that can be drawn.
func (d *drawing) drawable() []int {
	var list []int
	if d.result == nil {
		return nil
	}
	for i, f := range d.result.Frames {
		if f.U != nil {
			list = append(list, i)
		}
	}
	return list
}

// draw begins the picture that is wanted now, if it is another than the one
// that is here.
func (r *Room) draw() {
	w := r.env.Words()
	r.mu.Lock()
	d := r.plot
	want := drawOrder{d.job, d.kind, d.frame, d.surface, w.Language()}
	if d.result == nil || d.kind == "" || d.surface.Width <= 0 || d.order == want {
		r.mu.Unlock()
		return
	}
	r.plot.order, r.plot.tooMuch = want, false
	r.mu.Unlock()
	var picture image.Image
	r.env.Desk.Do(func(ctx context.Context, _ desk.Service) (err error) {
		ctx, cancel := context.WithTimeout(ctx, drawPatience)
		defer cancel()
		picture, err = paint(ctx, d.result, want, w, r.fonts())
		return err
	}, func(err error) {
		r.mu.Lock()
		if r.plot.order == want {
			r.plot.image, r.plot.tooMuch = picture, err != nil
		}
		r.mu.Unlock()
		r.env.Refresh()
	})
}

// paint draws one picture.
func paint(ctx context.Context, result *plot.Result, o drawOrder, w *i18n.Words, fonts *plot.Fonts) (image.Image, error) {
	style := plot.Style{Width: o.surface.Width, Height: o.surface.Height, Scale: o.surface.Scale, Dark: o.surface.Dark, Fonts: fonts}
	var chart plot.Chart
	some := false
	switch t := texts(w); o.kind {
	case KindShape:
		if o.frame < 0 || o.frame >= len(result.Frames) || result.Frames[o.frame].U == nil {
			return nil, errors.New("no such frame")
		}
		return result.DrawShape(ctx, o.frame, plot.ShapeTexts{Legend: legend(result.Frames[o.frame], w)}, style)
	case KindResiduals:
		chart, some = result.Residuals(t)
	case KindDisplacements:
		chart, some = result.Displacements(t)
	case KindModes:
		chart, some = result.Modes(t)
	}
	if !some {
		return nil, errors.New("no such chart")
	}
	return chart.Draw(style), nil
}

// legend names what the colours mean; the caption stands below the picture.
func legend(f plot.Frame, w *i18n.Words) string {
	if f.Kind == plot.Mode || f.Kind == plot.Buckling {
		return w.T("solves.plot.share")
	}
	return "|u|"
}

func texts(w *i18n.Words) plot.Texts {
	return plot.Texts{
		Iteration: w.T("solves.plot.iteration"), Percent: w.T("solves.plot.percent"),
		Force: w.T("solves.plot.force"), Displacement: w.T("solves.plot.displacement"), Flux: w.T("solves.plot.flux"), Temp: w.T("solves.plot.temp"),
		Time: w.T("solves.plot.time"), LongestDisplacement: w.T("solves.plot.longest"),
		ModeNumber: w.T("solves.plot.mode"), Frequency: w.T("solves.plot.frequency"), Factor: w.T("solves.plot.factor"),
	}
}

// frameName names a state of the solve.
func frameName(result *plot.Result, at int, w *i18n.Words) string {
	f := result.Frames[at]
	value := plot.Number(f.Value)
	switch f.Kind {
	case plot.Mode:
		return w.T("solves.frame.mode", "number", number(result, at, plot.Mode), "frequency", value)
	case plot.Buckling:
		if f.Value == 0 {
			return w.T("solves.frame.before")
		}
		return w.T("solves.frame.buckling", "number", number(result, at, plot.Buckling), "factor", value)
	}
	return w.T("solves.frame.time", "time", value)
}

// number counts the frames of a kind up to one; the state before buckling does
// not count.
func number(result *plot.Result, at int, kind plot.Kind) string {
	n := 0
	for _, f := range result.Frames[:at+1] {
		if f.Kind == kind && (kind != plot.Buckling || f.Value != 0) {
			n++
		}
	}
	return strconv.Itoa(n)
}

// caption says what a picture of the model shows.
func caption(result *plot.Result, at int, w *i18n.Words) string {
	f := result.Frames[at]
	if f.Kind == plot.Mode || (f.Kind == plot.Buckling && f.Value != 0) {
		return w.T("solves.caption.mode", "frame", frameName(result, at, w))
	}
	factor := result.Exaggeration(at)
	if factor == 1 {
		return w.T("solves.caption.true", "frame", frameName(result, at, w), "longest", plot.Number(f.Max), "node", strconv.Itoa(f.Node))
	}
	return w.T("solves.caption", "frame", frameName(result, at, w), "longest", plot.Number(f.Max), "node", strconv.Itoa(f.Node), "factor", plot.Number(factor))
}

// picture words the pictures of a job. The caller holds the lock.
func (r *Room) picture(j api.Solve, w *i18n.Words) Plot {
	d := &r.plot
	if j.State != "succeeded" || j.Result == "" {
		return Plot{}
	}
	if d.job != j.ID+" "+strconv.Itoa(j.ResultVersion) || d.loading {
		return Plot{Text: w.T("solves.plot.loading"), Running: true, Progress: d.share}
	}
	if d.failed != nil {
		p := Plot{Text: w.T("solves.plot.failed", "reason", w.Error(d.failed))}
		again := func() { r.load(j, true) }
		p.Action = &view.Action{Name: "again", Label: w.T("solves.plot.again"), Do: again}
		if a, ok := r.hand.Action(d.failed, mend.Subject{}); ok && d.failed.Code == api.SignedOut {
			p.Action = &a
		}
		return p
	}
	p := Plot{Kind: d.kind, Image: d.image}
	for _, k := range d.kinds() {
		p.Kinds = append(p.Kinds, view.Segment{Name: k, Label: w.T("solves.kind." + k)})
	}
	switch {
	case len(p.Kinds) == 0 && d.result.Cut:
		p.Text = w.T("solves.plot.too_large")
	case len(p.Kinds) == 0:
		p.Text = w.T("solves.plot.nothing")
	case d.tooMuch:
		p.Text, p.Image = w.T("solves.plot.too_large"), nil
	case d.result.Cut:
		p.Note = w.T("solves.plot.cut")
	}
	if d.kind == KindShape && len(p.Kinds) > 0 {
		for i, at := range d.drawable() {
			p.Frames = append(p.Frames, frameName(d.result, at, w))
			if at == d.frame {
				p.Frame = i
			}
		}
		p.Caption = caption(d.result, d.frame, w)
	}
	return p
}
