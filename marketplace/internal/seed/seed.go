// Package seed fills a new marketplace with a sample that everything can be
// tried on: a vendor, his products with orders and seats for the sample
// tenant's users, versions with packages, and real models, written for this
// project. What is there already stays.
package seed

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/catalogue"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/licensing"
	"iscdesk.dev/marketplace/internal/vendor"
	"iscdesk.dev/marketplace/internal/web"
)

//go:embed models packages
var files embed.FS

// Names of the sample.
const (
	Vendor          = "sample-vendor"
	Space           = "projects"
	CredentialsFile = "vendor-credentials.json" // in the state folder
)

// Documents is where the models are published.
type Documents interface {
	AddSharedSpace(ctx context.Context, tenant, name string) error
	PublishFiles(ctx context.Context, user web.User, p agentapi.Publish, source fs.FS) (agentapi.PublishResult, error)
}

// Market is what gets filled.
type Market struct {
	Licensing *licensing.Service
	Catalogue *catalogue.Catalogue
	Documents Documents
	// Users are who the products are assigned to; the first buys them and owns
	// the models.
	Users []web.User
	// State is the folder that takes the vendor's credentials.
	State string
	// URL is the marketplace's base URL.
	URL string
	// Write writes a file that its owner alone may read, as a whole.
	Write func(path string, content []byte) error
}

// Fill adds what is not there yet. It may be called at every start.
func Fill(ctx context.Context, m Market) error {
	if len(m.Users) == 0 {
		return errors.New("seed: no users")
	}
	for _, step := range []func(context.Context, Market) error{fillVendor, fillProducts, fillModels, fillCatalogue} {
		if err := step(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// fillVendor makes the vendor and tells his server the credentials. The file
// is written at every start: the marketplace's address may be another.
func fillVendor(ctx context.Context, m Market) error {
	err := m.Licensing.AddVendor(ctx, licensing.Vendor{
		ID: Vendor, Name: "Sample Software", AccessKey: rand.Text(),
		Credentials: isv.Credentials{AK: "AK" + rand.Text(), SK: rand.Text() + rand.Text()},
	})
	if err != nil && !errors.Is(err, fault.Exists) {
		return err
	}
	v, err := m.Licensing.VendorByID(ctx, Vendor)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(vendor.Credentials{
		Marketplace: m.URL, Vendor: v.ID, AccessKey: v.AccessKey, Credentials: v.Credentials,
	}, "", "  ")
	if err != nil {
		return err
	}
	return m.Write(filepath.Join(m.State, CredentialsFile), append(body, '\n'))
}

func fillProducts(ctx context.Context, m Market) error {
	ids := make([]string, 0, len(m.Users))
	for _, u := range m.Users {
		ids = append(ids, u.ID)
	}
	features := []string{"modelling", "assembly", "solve"}
	for _, p := range []struct {
		id, name string
		order    licensing.Order
	}{
		{"minicad", "MiniCAD", licensing.Order{Seats: 5, Years: 1, Features: features}},
		{"guide", "Guide Sample", licensing.Order{Seats: 5, Years: 1, Features: features}},
		{"minicad-trial", "MiniCAD Trial", licensing.Order{Seats: 1, Years: 1, Features: features[:1], Trial: true}},
	} {
		err := m.Licensing.AddProduct(ctx, licensing.Product{ID: p.id, Name: p.name, Vendor: Vendor})
		if err != nil && !errors.Is(err, fault.Exists) {
			return err
		}
		sold, err := m.Licensing.Sold(ctx, p.id)
		if err != nil {
			return err
		}
		if sold {
			continue
		}
		p.order.Product, p.order.Buyer, p.order.Users = p.id, m.Users[0], ids
		if _, err := m.Licensing.PlaceOrder(ctx, p.order); err != nil {
			return err
		}
	}
	return nil
}

// fillModels publishes the models once: the operation's name keeps a document
// that its users have since changed, or moved, from being published again.
func fillModels(ctx context.Context, m Market) error {
	err := m.Documents.AddSharedSpace(ctx, m.Users[0].Tenant, Space)
	if err != nil && !errors.Is(err, fault.Exists) {
		return err
	}
	for _, d := range []struct {
		folder, name string
		kind         agentapi.PublishKind
	}{
		{"bracket", "bracket.step", agentapi.PublishKindSingle},
		{"beam", "beam.inp", agentapi.PublishKindSingle},
		{"gearbox", "gearbox", agentapi.PublishKindAssembly},
	} {
		source, err := fs.Sub(files, "models/"+d.folder)
		if err != nil {
			return err
		}
		_, err = m.Documents.PublishFiles(ctx, m.Users[0], agentapi.Publish{
			OperationID: "sample " + d.folder, Path: "/" + Space + "/" + d.name, Kind: d.kind, Comment: "Sample",
		}, source)
		if err != nil && !errors.Is(err, fault.Exists) {
			return err
		}
	}
	return nil
}

// fillCatalogue offers two versions of minicad, so that whoever has the first
// can upgrade.
func fillCatalogue(ctx context.Context, m Market) error {
	for _, v := range []struct{ version, notes string }{
		{"1.0.0", "The first version."},
		{"1.1.0", "Saves faster, and solves beams in the cloud."},
	} {
		pkg, err := minicad(v.version)
		if err != nil {
			return err
		}
		err = m.Catalogue.Publish(ctx, catalogue.Release{
			Product: "minicad", Name: "MiniCAD", Summary: "The sample: a small CAD program. 示例:小型 CAD 应用。", Version: v.version, OS: "linux", Notes: v.notes, File: "minicad-" + v.version + ".tar.gz",
		}, pkg)
		if err != nil && !errors.Is(err, fault.Exists) {
			return err
		}
	}
	return nil
}
