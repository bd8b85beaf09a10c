// Package oauth signs users in: the OAuth 2.0 authorization server of the
// marketplace. It offers the authorization code grant with PKCE (for iscdesk,
// which is a public client), the code grant with a client secret (for vendors'
// web applications), refresh, the device grant (RFC 8628), revocation
// (RFC 7009), user information and logout.
//
// What can be presented is never stored: passwords rest as argon2id; tokens,
// codes and sessions as SHA-256. The tokens of an answer are derived from what
// was presented for them and a key of the server. So a client that lost the
// answer can ask again within a short window and gets the same tokens, though
// the server does not keep them. A refresh token used again after that window
// is taken for stolen, and everything of its grant is revoked.
package oauth
