// Package statepath knows where the service keeps its state: for the service
// itself, and for whoever looks at what a service that is down has left.
package statepath

import "os"

// Env is the environment variable that names another folder.
const Env = "ISCDESK_STATE"

// Default is the state folder of the machine's service, or of the user's own.
func Default(perUser bool) string {
	if dir := os.Getenv(Env); dir != "" {
		return dir
	}
	if !perUser {
		return System()
	}
	return User()
}
