// The check of a signature, by whatever the system has for it.
#ifndef MINICAD_SIGNATURE_H
#define MINICAD_SIGNATURE_H

#include <string>
#include <vector>

using Bytes = std::vector<unsigned char>;

// signed_by tells whether an Ed25519 key (32 bytes) has signed the text.
bool signed_by(const Bytes &key, const std::string &text, const Bytes &signature);

#endif
