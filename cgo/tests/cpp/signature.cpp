// The check of a signature that minicad brings along, held to the vectors of
// RFC 8032 and to changes of one bit.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "../../examples/minicad/Signature.h"

namespace {

Bytes bytes(const std::string &hex) {
    Bytes out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        out.push_back(static_cast<unsigned char>(std::strtoul(hex.substr(i, 2).c_str(), nullptr, 16)));
    return out;
}

struct Vector {
    const char *key, *text, *signature;
};

const Vector vectors[] = {{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                           "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc"
                           "61e39701cf9b46bd25bf5f0595bb"
                           "e24655141438e7a100b"},
                          {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                           "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e4"
                           "58f3613d0f11d8c387b2eaeb4302"
                           "aeeb00d291612bb0c00"},
                          {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                           "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290a"
                           "e67f760984dc6594a7c15e9716ed"
                           "28dc027beceea1ec40a"}};

void expect(bool ok, const char *what) {
    if (ok)
        return;
    std::printf("not ok  %s\n", what);
    std::exit(1);
}

} // namespace

int main() {
    for (const Vector &v : vectors) {
        const Bytes raw = bytes(v.text), key = bytes(v.key), good = bytes(v.signature);
        const std::string text(raw.begin(), raw.end());
        expect(signed_by(key, text, good), v.signature);
        expect(!signed_by(key, text + "x", good), "another text");
        for (std::size_t i = 0; i < good.size(); i += 7) {
            Bytes bad = good;
            bad[i] = static_cast<unsigned char>(bad[i] ^ 1);
            expect(!signed_by(key, text, bad), "a changed signature");
        }
        Bytes other = bytes(vectors[&v == vectors ? 1 : 0].key);
        expect(!signed_by(other, text, good), "another key");
        expect(!signed_by(key, text, Bytes(good.begin(), good.end() - 1)), "a short signature");
    }
    try {
        signed_by(Bytes(31), "", Bytes(64));
        expect(false, "a key that is none");
    } catch (const std::runtime_error &) {
    }
    std::puts("ok");
}
