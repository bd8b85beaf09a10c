package credstore

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"iscdesk.dev/agent/internal/durable"
)

const (
	keyName    = "credentials.key"
	sealedName = "credentials.sealed"
	// magic tells the format; it is bound into the seal together with the user.
	magic = "iscdesk credentials 1\n"
)

// File is a Store in two files: a random key, and the secret sealed with it
// (XChaCha20-Poly1305, a fresh nonce each time, bound to the user). On Windows
// the key is itself sealed by DPAPI.
type File struct {
	dir     string
	user    string
	perUser bool // of an agent that runs as the user himself
	mu      sync.Mutex
}

// NewFile makes a store in dir, which is created with mode 0700.
func NewFile(dir, user string) (*File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	return &File{dir: dir, user: user}, nil
}

// Load gives the secret.
func (f *File) Load() ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sealed, err := readPrivate(filepath.Join(f.dir, sealedName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := f.key()
	if err != nil {
		return nil, err
	}
	return f.open(key, sealed)
}

// Save seals the secret.
func (f *File) Save(secret []byte) error {
	if len(secret) > MaxSecret {
		return fmt.Errorf("credentials: %d bytes are too many", len(secret))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key, err := f.key()
	if errors.Is(err, ErrDamaged) {
		// What was sealed with a lost key is lost already.
		key = make([]byte, chacha20poly1305.KeySize)
		_, _ = rand.Read(key) // never fails
		err = f.writeKey(key)
	}
	if err != nil {
		return err
	}
	sealed, err := f.seal(key, secret)
	if err != nil {
		return err
	}
	return writeAtomic(f.dir, sealedName, sealed, f.perUser)
}

// Clear removes the sealed secret, and the key, so that no copy opens again.
func (f *File) Clear() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, name := range []string{keyName, sealedName} {
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, durable.SyncDir(f.dir))...)
}

// key reads the key; ErrDamaged where there is none that could be used.
func (f *File) key() ([]byte, error) {
	kept, err := readPrivate(filepath.Join(f.dir, keyName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: the key is missing", ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	key, err := unprotect(kept, f.context())
	if err != nil {
		return nil, fmt.Errorf("%w: the key does not open: %w", ErrDamaged, err)
	}
	if len(key) != chacha20poly1305.KeySize {
		return nil, fmt.Errorf("%w: the key is torn", ErrDamaged)
	}
	return key, nil
}

func (f *File) writeKey(key []byte) error {
	kept, err := protect(key, f.context(), f.perUser)
	if err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	return writeAtomic(f.dir, keyName, kept, f.perUser)
}

func (f *File) seal(key, secret []byte) ([]byte, error) {
	box, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(magic)+box.NonceSize(), len(magic)+box.NonceSize()+len(secret)+box.Overhead())
	copy(out, magic)
	_, _ = rand.Read(out[len(magic):]) // never fails
	return box.Seal(out, out[len(magic):], secret, f.context()), nil
}

func (f *File) open(key, sealed []byte) ([]byte, error) {
	var box cipher.AEAD
	box, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	head := len(magic) + box.NonceSize()
	if len(sealed) < head || string(sealed[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: the file is torn or of another kind", ErrDamaged)
	}
	secret, err := box.Open([]byte{}, sealed[len(magic):head], sealed[head:], f.context())
	if err != nil {
		return nil, fmt.Errorf("%w: it was changed or belongs to another user", ErrDamaged)
	}
	return secret, nil
}

// context is what a seal is bound to besides the key.
func (f *File) context() []byte { return []byte(magic + f.user) }
