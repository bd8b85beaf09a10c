package app

import (
	"encoding/hex"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app/helper"
	"iscdesk.dev/agent/internal/archive"
	"iscdesk.dev/marketplace/agentapi"
)

// maxPackage bounds the size of a package.
const maxPackage = 20 << 30

// release is one version that the catalogue offers.
type release struct {
	Version string           `json:"version"`
	Forced  bool             `json:"forced,omitempty"`
	Trial   bool             `json:"trial,omitempty"`
	Notes   string           `json:"notes,omitempty"`
	Package agentapi.Package `json:"package"`
}

func releaseOf(v agentapi.AppVersion, forced bool) release {
	return release{Version: v.Version, Forced: forced || v.Forced, Trial: v.Trial, Notes: cut(v.Notes, maxNotes), Package: v.Package}
}

// check tells whether this release can be installed here: names become paths,
// the hash becomes a file name, the size becomes disk.
func (r release) check(product string) error {
	if err := helper.CheckProduct(product); err != nil {
		return err
	}
	if err := helper.CheckVersion(r.Version); err != nil {
		return err
	}
	if r.Package.File == "" || r.Package.Size <= 0 {
		return api.Fail(api.NotFound, "what", "package of "+product+" "+r.Version)
	}
	if _, err := archive.FormatOf(r.Package.File); err != nil {
		return err
	}
	sum, err := hex.DecodeString(r.Package.Sha256)
	switch {
	case err != nil || len(sum) != 32:
		return api.Fail(api.PackageDamaged, "product", product).Because(err)
	case r.Package.Size > maxPackage:
		return api.Fail(api.TooLarge, "what", product+" "+r.Version, "limit", "20 GiB")
	}
	return nil
}

// failure is why the last step did not succeed.
type failure struct {
	Reason   *api.Error `json:"reason"`
	Attempts int        `json:"attempts"`
	Lasting  bool       `json:"lasting,omitempty"`
	RetryAt  time.Time  `json:"retryAt,omitzero"`
}

// record is everything that is kept about one product.
type record struct {
	Product   string `json:"product"`
	Name      string `json:"name,omitempty"`
	Summary   string `json:"summary,omitempty"`
	TrialURL  string `json:"trialUrl,omitempty"`
	Installed string `json:"installed,omitempty"`
	// Latest is what the catalogue said last.
	Latest release `json:"latest,omitzero"`
	// Offer is the upgrade that the user is asked about.
	Offer *release `json:"offer,omitempty"`
	// Order is what was decided. Begun tells that its installation has started
	// and cannot be withdrawn.
	Order   *release `json:"order,omitempty"`
	Begun   bool     `json:"begun,omitempty"`
	Removal bool     `json:"removal,omitempty"`
	Failure *failure `json:"failure,omitempty"`
	// Log is the path of the scripts' log, and Said its end.
	Log  string `json:"log,omitempty"`
	Said string `json:"said,omitempty"`
	// Folder and Launch are where what is installed lies, and what starts it.
	Folder string `json:"folder,omitempty"`
	Launch string `json:"launch,omitempty"`
}

func (r *record) facts(running, fetched bool) facts {
	f := facts{installed: r.Installed, removal: r.Removal, running: running, fetched: fetched}
	if r.Offer != nil {
		f.offered = r.Offer.Version
	}
	if r.Order != nil {
		f.ordered = r.Order.Version
	}
	if r.Failure != nil {
		f.failed, f.lasting, f.retryAt = true, r.Failure.Lasting, r.Failure.RetryAt
	}
	return f
}

// order makes a release what is to happen, from the beginning.
func (r *record) order(what release) {
	if r.Order != nil && r.Order.Version == what.Version && r.Failure == nil {
		r.Offer = nil
		r.Order.Forced = r.Order.Forced || what.Forced
		return
	}
	r.Order, r.Offer, r.Failure, r.Begun, r.Removal = &what, nil, nil, false, false
}

// withdraw drops the question, and the order as long as it has not begun.
func (r *record) withdraw() {
	r.Offer = nil
	if r.Order != nil && !r.Order.Forced && !r.Begun {
		r.Order, r.Failure = nil, nil
	}
}

// view is the record as screens and the CLI show it. done is how many bytes of
// the ordered package are here.
func (r *record) view(running, fetched bool, done int64, now time.Time) api.App {
	f := r.facts(running, fetched)
	state, _, _ := next(f, now)
	app := api.App{
		Product: r.Product, Name: r.Name, Installed: r.Installed, Latest: r.Latest.Version,
		Forced: r.Latest.Forced, Trial: r.Latest.Trial, State: state, Offered: f.offered, Notes: r.Latest.Notes,
		Log: r.Said, LogPath: r.Log, Folder: r.Folder, Launch: r.Launch, Summary: r.Summary, TrialURL: r.TrialURL,
	}
	if state == stateDownloading && r.Order != nil {
		app.Done, app.Total = done, r.Order.Package.Size
	}
	if r.Offer != nil {
		app.Notes = r.Offer.Notes
	}
	if app.Name == "" {
		app.Name = r.Product
	}
	if r.Failure != nil {
		app.Reason = r.Failure.Reason
	}
	return app
}
