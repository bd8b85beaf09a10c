// Package objects is where the marketplace keeps content: a small interface
// with a folder behind it now; an S3 store implements the same one.
package objects

import (
	"context"
	"errors"
	"io"
	"strings"
)

// ErrNotFound tells that there is no object under the key.
var ErrNotFound = errors.New("object not found")

// ErrKey tells that a key is not one that a store takes.
var ErrKey = errors.New("object key invalid")

// ErrFull tells that there is no room for the object.
var ErrFull = errors.New("object store full")

// Store keeps immutable objects. It is safe for concurrent use.
type Store interface {
	// Put keeps what content gives, up to its end, under the key. When it
	// returns nil the object survives a power cut; when it fails nothing is
	// under the key that was not there before, and a store without room says
	// ErrFull. An object that exists is
	// replaced as a whole: a reader sees the old or the new one.
	Put(ctx context.Context, key string, content io.Reader) error
	// Get opens an object; the caller closes it. ErrNotFound without one.
	Get(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Stat gives the size of an object in bytes; ErrNotFound without one.
	Stat(ctx context.Context, key string) (int64, error)
	// Delete forgets an object, and succeeds if there is none.
	Delete(ctx context.Context, key string) error
}

// CheckKey tells whether a key may be used: elements of letters, digits, '-',
// '_' and '.', joined by '/', at most 512 bytes, none beginning with a dot.
func CheckKey(key string) error {
	if len(key) == 0 || len(key) > maxKey {
		return ErrKey
	}
	for element := range strings.SplitSeq(key, "/") {
		if !validElement(element) {
			return ErrKey
		}
	}
	return nil
}

const maxKey = 512

func validElement(element string) bool {
	if element == "" || element[0] == '.' {
		return false
	}
	for _, r := range element {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		default:
			return false
		}
	}
	return true
}
