// Package agentapi holds the types of the agent API (marketplace/openapi.yaml),
// generated for both sides: the marketplace that answers and the agent that
// asks. It is the only thing that the two share.
package agentapi

//go:generate go tool oapi-codegen -config config.yaml ../openapi.yaml
