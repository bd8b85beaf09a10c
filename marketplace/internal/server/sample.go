package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/oauth"
)

// SampleAccount is a user of the sample tenants, with the random password that
// nobody else knows.
type SampleAccount struct {
	UserName string `json:"userName"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Tenant   string `json:"tenant"`
}

// SampleAccounts is the file in which they are told, readable by its owner
// only.
type SampleAccounts struct {
	Accounts []SampleAccount `json:"accounts"`
}

// Of finds an account by its user name.
func (s SampleAccounts) Of(userName string) (SampleAccount, error) {
	for _, a := range s.Accounts {
		if a.UserName == userName {
			return a, nil
		}
	}
	return SampleAccount{}, fmt.Errorf("no sample account %q", userName)
}

// The tenants of the sample; the second is there so that one can see that
// tenants do not see each other.
const (
	SampleTenant = "sample"
	OtherTenant  = "other"
	sharedSpace  = "shared"
	sampleFile   = "sample-accounts.json"
)

// Seed makes the sample tenants, their users and spaces, and the client that
// every iscdesk service is. What is there already stays. The file of the
// passwords is written before the accounts, so that no crash leaves an account
// whose password nobody knows.
func (s *Server) Seed(ctx context.Context) error {
	samples, err := sampleAccounts(filepath.Join(s.config.State, sampleFile))
	if err != nil {
		return fmt.Errorf("sample accounts: %w", err)
	}
	steps := []error{
		s.accounts.AddTenant(ctx, oauth.Tenant{ID: SampleTenant, Name: "Sample Works"}),
		s.accounts.AddTenant(ctx, oauth.Tenant{ID: OtherTenant, Name: "Other Works"}),
		s.accounts.AddClient(ctx, oauth.Client{ID: oauth.DeskClient, Name: "iscdesk", Agent: true}),
		s.documents.AddSharedSpace(ctx, SampleTenant, sharedSpace),
		s.documents.AddSharedSpace(ctx, OtherTenant, sharedSpace),
	}
	for _, a := range samples.Accounts {
		if _, err := s.accounts.UserByName(ctx, a.UserName); err == nil {
			continue
		}
		_, err := s.accounts.AddAccount(ctx, oauth.Account{UserName: a.UserName, Name: a.Name, Email: a.Email, Tenant: a.Tenant, Password: a.Password})
		steps = append(steps, err)
	}
	for _, err := range steps {
		if err != nil && !errors.Is(err, fault.Exists) {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return s.fill(ctx, samples)
}

// sampleAccounts reads the file, or invents the accounts and writes it.
func sampleAccounts(path string) (SampleAccounts, error) {
	samples, err := ReadSampleAccounts(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return samples, err
	}
	samples = SampleAccounts{Accounts: []SampleAccount{
		{UserName: "engineer", Name: "Li Hua", Email: "engineer@sample.example", Tenant: SampleTenant, Password: rand.Text()},
		{UserName: "colleague", Name: "Wang Wei", Email: "colleague@sample.example", Tenant: SampleTenant, Password: rand.Text()},
		{UserName: "stranger", Name: "Alex Smith", Email: "stranger@other.example", Tenant: OtherTenant, Password: rand.Text()},
	}}
	body, err := json.MarshalIndent(samples, "", "  ")
	if err != nil {
		return samples, err
	}
	return samples, WriteFileAtomic(path, append(body, '\n'))
}

// ReadSampleAccounts reads the file that Seed wrote.
func ReadSampleAccounts(path string) (SampleAccounts, error) {
	var samples SampleAccounts
	body, err := os.ReadFile(path)
	if err != nil {
		return samples, err
	}
	return samples, json.Unmarshal(body, &samples)
}

// WriteFileAtomic writes a file that its owner alone may read: whoever looks
// sees nothing or the whole.
func WriteFileAtomic(path string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
