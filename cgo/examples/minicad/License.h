// MiniCAD's own check of its licence: what a vendor does with the string or the
// file that the SDK hands over.
#ifndef MINICAD_LICENSE_H
#define MINICAD_LICENSE_H

#include <string>

// License is what MiniCAD's vendor signs.
struct License {
    std::string product;
    std::string instance;
    long long expires = 0; // Unix seconds; 0: no end
};

// check_license verifies a licence, ISCLIC1.<JSON>.<signature> with both parts
// in base64url, against the vendor's public key (32 bytes in base64), and gives
// what it says. It throws std::runtime_error with the reason when the licence
// is not good for the product at this time.
License check_license(const std::string &text, const std::string &key, const std::string &product);

#endif
